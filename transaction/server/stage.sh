#!/bin/sh
# Receives a change on stdin: the agent's programs, the rendered posture and the plan, as one bundle; takes the snapshot
# and arms the undo. Nothing on the host is changed before this has ended well.
#
# Bundle: a line `LENGTH PATH`, then LENGTH bytes, and so on; PATH is below a new folder /var/lib/postern.next.*. It
# ends with `end`, so a bundle that was cut short is known as one.
set -eu
umask 077
# What killed ones left. Others may be receiving a change of theirs at this very moment.
find /var/lib -maxdepth 1 -name 'postern.next.*' -mmin +10 -exec rm -rf {} +
NEXT=$(mktemp -d /var/lib/postern.next.XXXXXX)

# Called in a condition, where the shell does not end at an error by itself.
receive() {
  while IFS=' ' read -r length path; do
    case $length in
      end) return 0 ;;
      '' | *[!0-9]*) echo 'the bundle is damaged' >&2; return 1 ;;
    esac
    [ -d "$NEXT/${path%/*}" ] || mkdir -p "$NEXT/${path%/*}" || return 1
    # head takes exactly so many bytes and leaves the rest of the stream to the next.
    head -c "$length" >"$NEXT/$path" || return 1
  done
  echo "the bundle was cut short" >&2
  return 1
}

if ! receive; then
  rm -rf "$NEXT"
  exit 1
fi
exec sh "$NEXT/agent/arm.sh"
