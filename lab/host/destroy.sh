#!/bin/sh
# Removes a lab host, or whatever a killed creator left of one. Nothing there: nothing to do.
# Usage: destroy.sh HOME OWNER NAME [leftovers]
#   leftovers: do nothing if the host's folder is there, so that a host made again meanwhile is safe
set -eu
home=$1 owner=$2 name=$3
host=$home/hosts/$owner/$name
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

lock 9 "$run/lock/$owner.$name"
[ "${4:-}" != leftovers ] || [ ! -d "$host" ] || exit 0
power_off "$host"
rm -rf --one-file-system "$host" "$home/hosts/$owner/.$name.new"
rmdir "$home/hosts/$owner" 2>/dev/null || :
release_index "$host"
rm -f "$run/lock/$owner.$name"
