#!/bin/sh
# Takes the place of rm on a host whose disk is slow, and that is killed in the middle: of a snapshot only what was listed
# first is gone when the agent dies. Works once.
case "$*" in
  *change/snapshot*)
    /bin/rm -f /usr/local/sbin/rm
    for path in "$@"; do case $path in *change/snapshot*) /bin/rm -rf "$path"/live.* "$path"/nft.* "$path"/absent ;; esac; done
    kill -s KILL -- "-$(cut -d' ' -f5 /proc/self/stat)"
    ;;
esac
exec /bin/rm "$@"
