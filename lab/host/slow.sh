#!/bin/sh
# Gives a lab host a share of one processor, from now on and over its reboots. What exec.sh runs in it is not slowed.
# Usage: slow.sh HOSTDIR PERCENT    100 or more: all of it again
set -eu
host=$1
percent=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/cgroup.sh"

read -r index <"$host/index"
period=100000
quota=$((period * percent / 100))
[ "$percent" -lt 100 ] || quota=-1

# Of v1, where the controller is in a hierarchy of its own: every process of the host moves there, and its children
# are born there.
if cpu=$(cpu_hierarchy) && [ -n "$cpu" ]; then
  mkdir -p "$cpu/postern$index"
  echo "$period" >"$cpu/postern$index/cpu.cfs_period_us"
  echo "$quota" >"$cpu/postern$index/cpu.cfs_quota_us"
  tries=0
  while [ "$tries" -lt 20 ]; do
    tries=$((tries + 1))
    for folder in $(host_cgroups "$index"); do
      find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null
    done | sort -u | while read -r pid; do
      grep -qsx "$pid" "$cpu/postern$index/cgroup.procs" || { echo "$pid" >"$cpu/postern$index/cgroup.procs"; } 2>/dev/null || :
    done
  done
  exit 0
fi

# Of v2: the host's own folder has it, where it was delegated.
[ "$quota" -gt 0 ] || quota=max
for folder in $(host_cgroups "$index"); do
  case $folder in */system.slice/*) ;; *) echo +cpu >"${folder%/*}/cgroup.subtree_control" 2>/dev/null || : ;; esac
  if [ -f "$folder/cpu.max" ]; then
    echo "$quota $period" >"$folder/cpu.max"
    exit 0
  fi
done
die 'this machine has no cpu controller of cgroups that a lab host could be slowed by'
