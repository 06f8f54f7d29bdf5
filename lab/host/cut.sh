#!/bin/sh
# Cuts a lab host's power: everything in it dies at once, unsynced and unasked; the supervisor boots it again. A host
# with a disk of its own loses what it had not synced.
# Returns when the new boot has begun.
# Usage: cut.sh HOSTDIR
set -eu
host=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

init=$(init_process "$host") || die "lab host ${host##*/} is down"
before=$(cat "$host/boots")
if has_disk "$host"; then
  disk_lose "$host"
  disk_resume "$host"
fi
kill -9 "$init"
tries=0
until [ "$(cat "$host/boots")" -gt "$before" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 500 ] || die "lab host ${host##*/} did not boot again within 10 s: $(tail -n 3 "$host/console.log")"
  sleep 0.02
done
