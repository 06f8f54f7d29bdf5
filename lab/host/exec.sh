#!/bin/sh
# Runs a program inside a lab host as root, without SSH; the exit status is the program's.
# Usage: exec.sh HOSTDIR PROGRAM [ARGUMENT…]
# Exit: 125 the host is down
set -eu
host=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

init=$(init_process "$host") || {
  echo "lab host ${host##*/} is down" >&2
  exit 125
}
# In the host's own cgroup, so that it ends with the host.
cgroups_of "$init" | while read -r folder; do echo "$$" >"$folder/cgroup.procs"; done
exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup -- /usr/bin/env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME=/root USER=root LOGNAME=root SHELL=/bin/bash LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
