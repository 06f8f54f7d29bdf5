#!/bin/sh
# read-only.sh own | fail | repair: puts everything that a change writes onto a disk of its own; makes that disk read-only,
# as the kernel does with one that fails; makes it writable again.
set -eu
disk=/run/test-disk
case $1 in
  own)
    mkdir -p "$disk" /var/lib/postern
    mount -t tmpfs -o size=200m,mode=755 tmpfs "$disk"
    for folder in /etc /root /home /usr/local /var/lib/postern; do
      mkdir -p "$disk${folder%/*}"
      cp -a "$folder" "$disk$folder"
      mount --bind "$disk$folder" "$folder"
    done
    ;;
  fail)
    # Refused while somebody has a file open for writing, as a step of the change may have at this moment.
    tries=0
    until mount -o remount,ro "$disk" 2>/dev/null; do
      tries=$((tries + 1))
      [ "$tries" -lt 500 ] || mount -o remount,ro "$disk"
      sleep 0.01
    done
    ;;
  repair) mount -o remount,rw "$disk" ;;
esac
