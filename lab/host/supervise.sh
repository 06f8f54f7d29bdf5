#!/bin/sh
# Keeps one lab host powered: boots it, boots it again when it reboots or loses power, ends when it powers off.
# Started by power.sh in a session of its own; ends by SIGKILL from there.
# Usage: supervise.sh HOSTDIR INDEX
set -eu
host=$1 index=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
umask 022
cd /

# Boots once and stays until the host is off; returns nspawn's exit status: 0 power-off, 133 reboot, else an accident.
boot() {
  network_inside "$index" || return 1
  # The first boot finds it mounted.
  storage_mount "$host" || return 1
  [ ! -e "$host/console.log" ] || mv "$host/console.log" "$host/console.log.1"
  # Starts that overlap can fail inside nspawn, so one at a time until PID 1 lives.
  lock 8 "$run/lock/start"
  env SYSTEMD_NSPAWN_API_VFS_WRITABLE=network systemd-nspawn --quiet --directory="$host/root" --boot \
    --machine="postern$index" --hostname="${host##*/}" --register=no --keep-unit \
    --network-namespace-path="/run/netns/postern$index" --capability=CAP_NET_ADMIN,CAP_NET_RAW \
    --resolv-conf=off --timezone=off --link-journal=no --console=pipe \
    </dev/null >"$host/console.log" 2>&1 8>&- &
  record_process "$!" "$host/nspawn"
  tries=0
  until init_process "$host" >/dev/null || ! start_time "$!" >/dev/null; do
    tries=$((tries + 1))
    # Nobody else can boot meanwhile.
    [ "$tries" -lt 1000 ] || kill -9 "$!"
    sleep 0.01
  done
  exec 8>&-
  boots=$((boots + 1))
  echo "$boots" >"$host/boots"
  wait "$!"
}

record_process "$$" "$host/supervisor"
enter_cgroup "$$" "$index"
boots=0 accidents=0
while :; do
  begun=$(date +%s)
  boot && status=0 || status=$?
  network_unplug "$index"
  # When nspawn itself is killed, what it ran lives on.
  kill_processes "$index" "$$"
  # A disk of its own is checked and mounted anew at each boot: one that an error made read-only can be written again.
  ! has_disk "$host" || storage_unmount "$host"
  case $status in
    0) exit 0 ;;
    133) accidents=0 ;;
    *)
      [ $(($(date +%s) - begun)) -lt 5 ] || accidents=0
      accidents=$((accidents + 1))
      [ "$accidents" -lt 10 ] || {
        echo "does not stay up: nspawn ended 10 times within seconds, the last time with status $status" >"$host/failure"
        exit 1
      }
      [ "$accidents" -lt 3 ] || sleep 0.5
      ;;
  esac
done
