#!/bin/sh
# What the host's journal has of knocks, a line of JSON for each entry. Runs on the host as root; changes nothing there.
#   journal.sh since TIME LINES         the last LINES entries since TIME, which journalctl(1) understands, newest first
#   journal.sh follow CURSOR SECONDS    what comes after CURSOR (empty: from now on), for SECONDS at most
# It follows only while somebody reads: an empty line every two seconds shows whether anybody does.
set -u
# knockd's stages, what fwknopd took and refused, the door's and the kernel engine's lines.
words='^postern-|postern-(open|close)|^(opened|closed|stage) |CMD_CYCLE_OPEN command|time difference is too great|^Replay detected'

entries() {
  exec journalctl -q --no-pager -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER -g "$words" "$@" \
    SYSLOG_IDENTIFIER=knockd + SYSLOG_IDENTIFIER=fwknopd + SYSLOG_IDENTIFIER=postern-door \
    + SYSLOG_IDENTIFIER=postern-knock + _TRANSPORT=kernel
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
