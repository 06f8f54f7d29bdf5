#!/bin/sh
# Makes and boots a lab host; an existing one is only made sure to be powered.
# Usage: create.sh HOME OWNER NAME RELEASE BASE MEBIBYTES <KEYS
#   BASE: folder of the image, used for a new host only
#   MEBIBYTES: size of a disk of its own; empty: none
#   KEYS: first line root's password (empty: none), the rest is root's authorized_keys
# Prints what it found: `created`, `started` (existed, was off) or `running`.
set -eu
home=$1 owner=$2 name=$3 release=$4 base=$5 mebibytes=$6
host=$home/hosts/$owner/$name
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/identity.sh"
umask 022

lock 9 "$run/lock/$owner.$name"
if [ -d "$host" ]; then
  state=running
  recorded_process "$host/supervisor" >/dev/null || {
    state=started
    power_off "$host"
    power_on "$host"
  }
else
  state=created
  [ -d "$base/root" ] || die "there is no image at '$base'"
  new=$home/hosts/$owner/.$name.new
  rm -rf --one-file-system "$new"
  mkdir -p "$home/hosts/$owner"
  mkdir -m 700 "$new"
  mkdir "$new/root"
  echo "$release" >"$new/release"
  ln -s "$base" "$new/base"
  make_identity "$new/identity" "$name" "$base/root"
  [ -z "$mebibytes" ] || echo "$mebibytes" >"$new/mebibytes"
  storage_make "$new"
  mv -T "$new" "$host"
  power_on "$host"
fi
echo "$state"
