#!/bin/sh
# Keeps COUNT RSA host keys ready in FOLDER. One at a time: a second run leaves at once.
# Usage: spare-keys.sh FOLDER COUNT
set -eu
folder=$1 count=$2
umask 077
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || exit 0
while [ "$(find "$folder" -name '*.pub' | wc -l)" -lt "$count" ]; do
  name=$(cat /proc/sys/kernel/random/uuid)
  ssh-keygen -q -t rsa -b 3072 -N '' -C spare -f "$folder/.new" 9>&- </dev/null
  mv "$folder/.new" "$folder/$name"
  mv "$folder/.new.pub" "$folder/$name.pub"
done
