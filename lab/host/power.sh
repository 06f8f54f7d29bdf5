# shellcheck shell=sh
# Power on and off, as seen by the machine. Callers hold the host's lock.

: "${run:?}" "${here:?}"

# Boots the host in folder $1: the supervisor outlives the caller.
power_on() {
  host=$1
  claim_index "$host"
  rm -f "$host/failure" "$host/boots"
  storage_mount "$host" || die "the disk of ${host##*/} cannot be mounted: $(cat "$host/fsck.log" 2>/dev/null)"
  network_outside "$index"
  set -- env -i PATH="$PATH" sh "$here/supervise.sh" "$host" "$index"
  [ ! -d /run/systemd/system ] ||
    set -- systemd-run --quiet --scope --collect --slice=system.slice --unit="postern$index" --property=Delegate=yes "$@"
  # Nothing of the caller's may stay open in it: locks, pipes, terminal.
  setsid -f "$@" </dev/null >"$host/supervisor.log" 2>&1 9>&-
  tries=0
  until [ -e "$host/boots" ] || [ -e "$host/failure" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || die "the supervisor of ${host##*/} boots nothing: $(cat "$host/supervisor.log")"
    sleep 0.01
  done
}

# Removes what a killed nspawn of the host with index $1 leaves in its run-time folders.
nspawn_forget() {
  for remnant in /run/systemd/nspawn/*/"postern$1"; do
    ! mountpoint -q "$remnant" || umount "$remnant" || :
    rm -rf --one-file-system "$remnant"
  done
}

# Takes all power from the host in folder $1: no process, mount or network of it is left.
power_off() {
  # Whoever waits for a stalled disk cannot be killed.
  ! has_disk "$1" || disk_resume "$1"
  # The supervisor first, lest it boots what dies.
  ! pid=$(recorded_process "$1/supervisor") || kill -9 "$pid" 2>/dev/null || :
  # Then PID 1, alone: nspawn, and whoever looks into the host from outside, see what they started end and clear it
  # away. Killed with it they would leave that to this machine's PID 1, which may take its time.
  if init=$(init_process "$1"); then
    kill -9 "$init"
    tries=0
    while start_time "$init" >/dev/null && [ "$tries" -lt 100 ]; do
      tries=$((tries + 1))
      sleep 0.02
    done
  fi
  if index=$(claimed_index "$1"); then
    kill_processes "$index"
    remove_cgroups "$index"
    network_remove "$index"
    nspawn_forget "$index"
  fi
  storage_unmount "$1"
  rm -f "$1/supervisor" "$1/nspawn"
}
