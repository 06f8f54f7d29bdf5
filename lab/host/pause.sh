#!/bin/sh
# Pauses a lab host, as its hypervisor may: nothing in it runs, its clock goes on. Its network is there.
# Usage: pause.sh HOSTDIR 1 | 0
set -eu
host=$1 frozen=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

init=$(init_process "$host") || die "lab host ${host##*/} is down"
index=$(cat "$host/index")
found=
for folder in $(host_cgroups "$index"); do
  [ -e "$folder/cgroup.freeze" ] || continue
  found=yes
  echo "$frozen" >"$folder/cgroup.freeze"
done
[ -n "$found" ] || die "this machine has no cgroup v2 that could freeze PID $init of lab host ${host##*/}"
