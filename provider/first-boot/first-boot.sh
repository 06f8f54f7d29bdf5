#!/bin/sh
# first-boot.sh SECONDS: waits until cloud-init has ended, for so many seconds at most. Prints how it ended:
# absent (there is none), done, error (with what it says), or running (the time is over). Changes nothing.
command -v cloud-init >/dev/null 2>&1 || {
  echo absent
  exit 0
}
timeout "$1" cloud-init status --wait >/dev/null 2>&1
code=$?
if [ "$code" -eq 124 ]; then
  echo running
elif cloud-init status 2>/dev/null | grep -q '^status: *\(done\|disabled\)'; then
  echo 'done'
else
  echo error
  cloud-init status --long 2>&1 | tail -n 10
fi
