#!/bin/sh
# Stands in for ssh: writes its arguments to $FAKE_LOG, a line each, then what the agent it was given holds.
set -eu
printf '%s\n' "$@" >"$FAKE_LOG"
for word in "$@"; do
  case $word in
    IdentityAgent=*) printf 'agent holds: %s\n' "$(SSH_AUTH_SOCK=${word#*=} ssh-add -l)" >>"$FAKE_LOG" ;;
  esac
done
exit "$FAKE_STATUS"
