#!/bin/sh
# Receives a change on stdin: the agent's programs, the rendered posture and the plan, as one bundle; takes the snapshot
# and arms the undo. Nothing on the host is changed before this has ended well.
#
# Bundle: `file MODE PATH`, then the content in base64, then a line `.`; PATH is below /var/lib/postern.next. It ends
# with `end`, so a bundle that was cut short is known as one.
set -eu
umask 077
NEXT=/var/lib/postern.next

receive() {
  rm -rf "$NEXT"
  mkdir -p "$NEXT"
  while IFS=' ' read -r word mode path; do
    case $word in
      end) return 0 ;;
      file) ;;
      *) echo "the bundle is damaged" >&2; return 1 ;;
    esac
    mkdir -p "$NEXT/${path%/*}"
    while IFS= read -r line && [ "$line" != . ]; do printf '%s\n' "$line"; done | base64 -d >"$NEXT/$path"
    chmod "$mode" "$NEXT/$path"
  done
  echo "the bundle was cut short" >&2
  return 1
}

if ! receive; then
  rm -rf "$NEXT"
  exit 1
fi
exec sh "$NEXT/agent/arm.sh"
