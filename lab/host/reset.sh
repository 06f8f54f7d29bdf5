#!/bin/sh
# Puts a lab host back to the state in which it was created: same name, address, host keys and authorized keys; every
# other file as in the image. Boots it.
# Usage: reset.sh HOME OWNER NAME
set -eu
home=$1 owner=$2 name=$3
host=$home/hosts/$owner/$name
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
umask 022

lock 9 "$run/lock/$owner.$name"
[ -d "$host" ] || die "there is no lab host $name of owner $owner in $home"
power_off "$host"
storage_make "$host"
power_on "$host"
