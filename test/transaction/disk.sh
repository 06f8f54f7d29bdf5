#!/bin/sh
# disk.sh small | fill | free: puts what a change writes onto a disk of 4 MiB of its own; fills that disk; frees it.
set -eu
case $1 in
  small)
    mkdir -p /var/lib/postern
    mount -t tmpfs -o size=4m,mode=700 tmpfs /var/lib/postern
    ;;
  fill) cat /dev/zero >/var/lib/postern/filler 2>/dev/null || : ;;
  free) rm -f /var/lib/postern/filler ;;
esac
