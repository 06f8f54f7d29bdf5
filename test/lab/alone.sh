#!/bin/sh
# Runs a program on what looks like a machine of its own: no lab host, a network with nothing but loopback, a /run on
# disk, processes of its own, and pure cgroup v2 without any controller.
# Usage: alone.sh FOLDER PROGRAM [ARGUMENT…]      FOLDER: a scratch folder, becomes /run
set -eu
folder=$1
shift

if [ "${ALONE:-}" != inside ]; then
  here=$(cd "$(dirname "$0")" && pwd)
  while read -r _ at type options _; do
    case $at:$type:,$options, in
      /sys/fs/cgroup*:cgroup2:* | /sys/fs/cgroup*:cgroup:*,name=systemd,*)
        mkdir "$at/alone-$$"
        echo "$$" >"$at/alone-$$/cgroup.procs"
        ;;
    esac
  done </proc/mounts
  status=0
  ALONE=inside unshare --mount --net --cgroup --pid --fork --kill-child --mount-proc --propagation private \
    sh "$here/alone.sh" "$folder" "$@" || status=$?
  # This shell has to leave the folders before they can go.
  for at in "/sys/fs/cgroup/alone-$$" /sys/fs/cgroup/*/"alone-$$"; do
    [ ! -d "$at" ] || echo "$$" >"$at/../cgroup.procs"
  done
  for at in "/sys/fs/cgroup/alone-$$" /sys/fs/cgroup/*/"alone-$$"; do
    [ ! -d "$at" ] || find "$at" -depth -type d -exec rmdir {} +
  done
  exit "$status"
fi

mount --bind "$folder" /run
umount --recursive /sys/fs/cgroup
mount -t sysfs sysfs /sys
mount -t cgroup2 none /sys/fs/cgroup
ip link set lo up
# Not exec: this shell is PID 1 here and reaps what is left to it.
"$@"
