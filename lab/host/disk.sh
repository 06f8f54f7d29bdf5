#!/bin/sh
# What may happen to the disk of a lab host that has one of its own.
# Usage: disk.sh VERB HOSTDIR [KIBIBYTES]
#   fill       leaves KIBIBYTES free, and what is written into meanwhile is taken too
#   free       takes that back
#   read-only  an error of the file system: nothing can be written until the next boot
#   stall      whoever writes waits
#   resume     until this
set -eu
verb=$1 host=$2 leave=${3:-0}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

has_disk "$host" || die "lab host ${host##*/} shares this machine's disk; create it with a disk of its own"
mountpoint -q "$host/disk" || die "lab host ${host##*/} is down"
disk=$host/disk

fill() {
  # What is in memory has its blocks after this.
  sync -f "$disk"
  chunk=$(room)
  while [ "$chunk" -ge 64 ]; do
    # One that fails has taken a part; the file's own tables need some of the room.
    at=$(stat -c %s "$disk/filler" 2>/dev/null) || at=0
    fallocate --offset "$at" --length "${chunk}K" "$disk/filler" 2>/dev/null || chunk=$((chunk / 2))
    left=$(room)
    [ "$left" -ge "$chunk" ] || chunk=$left
  done
  [ "$leave" -gt 0 ] || cat /dev/zero >>"$disk/filler" 2>/dev/null || :
  sync -f "$disk"
}

# Prints how many KiB the filler still has to take.
room() {
  # shellcheck disable=SC2046 # two numbers
  set -- $(stat -f -c '%a %S' "$disk")
  echo $(($1 * $2 / 1024 - leave))
}

case $verb in
  fill) fill ;;
  free) rm -f "$disk/filler" ;;
  read-only)
    device=$(findmnt --noheadings --output SOURCE --mountpoint "$disk")
    echo 'by a lab test' >"/sys/fs/ext4/${device##*/}/trigger_fs_error"
    ;;
  stall) fsfreeze --freeze "$disk" ;;
  resume) disk_resume "$host" ;;
  *) die "unknown verb $verb" ;;
esac
