#!/bin/sh
# What the host's journal has of knocks, a line of JSON for each entry. Runs on the host as root; changes nothing there.
#   journal.sh since TIME LINES         the last LINES entries since TIME, which journalctl(1) understands, newest first
#   journal.sh follow CURSOR SECONDS    what comes after CURSOR (empty: from now on), for SECONDS at most
# It follows only while somebody reads: an empty line every two seconds shows whether anybody does.
set -u
# knockd's stages, what fwknopd took and refused, the door's and the kernel engine's lines.
words='^postern-|postern-(open|close)|^(opened|closed|stage) |CMD_CYCLE_OPEN command|time difference is too great|^Replay detected'

# Every user can log under any name, so only root's entries count: fields that begin with _ are journald's own. It knows the
# unit of a daemon; the door's program, which an engine runs, may have ended before journald looks. The kernel's lines are
# its own, and event.ts looks for their tag.
entries() {
  exec journalctl -q --no-pager -o json --output-fields=MESSAGE,_TRANSPORT -g "$words" "$@" \
    SYSLOG_IDENTIFIER=knockd _UID=0 _SYSTEMD_UNIT=knockd.service \
    + SYSLOG_IDENTIFIER=fwknopd _UID=0 _SYSTEMD_UNIT=fwknop-server.service \
    + SYSLOG_IDENTIFIER=postern-door _UID=0 + _TRANSPORT=kernel
}

case $1 in
  # Nothing found is no failure.
  since) (entries -r --since "$2" -n "$3") || [ $? -eq 1 ] ;;
  follow)
    if [ -n "$2" ]; then
      entries -f -n all --after-cursor "$2" &
    else
      entries -f -n 0 &
    fi
    reader=$!
    trap '' PIPE
    end=$(($(date +%s) + $3))
    while kill -0 "$reader" && [ "$(date +%s)" -lt "$end" ] && echo; do sleep 2; done 2>/dev/null
    kill "$reader" 2>/dev/null
    wait "$reader" 2>/dev/null
    exit 0
    ;;
esac
