# shellcheck shell=sh
# The part of the rollback that brings back the main sshd, and looks whether it did. Sourced by agent.sh.

rollback_sshd() {
  rollback_port=$(get "${ROLLBACK_PLAN:-$PAYLOAD/plan}" old_ssh_port)
  if had_socket; then
    systemctl -q ${rollback_block:+"$rollback_block"} stop "$SSH_UNIT"
    start_sshd "$SSH_SOCKET" || return 1
    # Last, because until the socket listens the unit is what would bring sshd back at the next boot.
    ! grep -q "^$SSH_UNIT disabled " "$SNAPSHOT/units" || systemctl -q disable "$SSH_UNIT"
    return
  fi
  grep -q "^$SSH_UNIT [a-z]* active" "$SNAPSHOT/units" || return 0
  # Whoever masked it meanwhile: without it nobody gets in.
  case $(unit_state "$SSH_UNIT") in masked*) systemctl -q unmask "$SSH_UNIT" ;; esac
  install -d -m 755 /run/sshd
  # A reload keeps sessions; only a daemon that is gone needs a start.
  systemctl -q ${rollback_block:+"$rollback_block"} reload "$SSH_UNIT" 2>/dev/null || systemctl -q ${rollback_block:+"$rollback_block"} restart "$SSH_UNIT" || start_sshd "$SSH_UNIT"
}

# start_sshd UNIT: where it can't have its port, after that was made free. A socket that still can't, though nobody holds
# its port, leaves the host to sshd itself.
start_sshd() {
  ! systemctl -q ${rollback_block:+"$rollback_block"} start "$1" || return 0
  clear_port "${rollback_port:-22}" all || :
  for start_unit in "$SSH_UNIT" "$SSH_SOCKET"; do systemctl -q reset-failed "$start_unit" 2>/dev/null || :; done
  ! systemctl -q ${rollback_block:+"$rollback_block"} start "$1" || return 0
  systemctl -q ${rollback_block:+"$rollback_block"} start "$SSH_UNIT"
  return 1
}

# Is sshd back on its port of the snapshot, and the backup sshd gone? Asked of the kernel and of sshd, not of systemd.
rollback_verify() {
  [ -z "$rollback_block" ] || return 0
  rollback_port=$(plan old_ssh_port)
  rollback_backup_port=$(plan backup_port)
  now
  # shellcheck disable=SC2154 # set by now
  rollback_begin=$now rollback_mended=
  until sshd_answers "$rollback_port"; do
    now
    if [ -z "$rollback_mended" ] && [ "$now" -gt $((rollback_begin + 2)) ]; then
      rollback_mended=yes
      mend_sshd
    fi
    [ "$now" -le $((rollback_begin + 60)) ] || return 1
    sleep 0.1
  done
  backup_is_shut
}

# A daemon that was told to reload ends where it can't bind its port, and systemd takes that for success.
mend_sshd() {
  for mend_unit in "$SSH_SOCKET" "$SSH_UNIT"; do systemctl -q stop "$mend_unit" 2>/dev/null || :; done
  clear_port "$rollback_port" all || :
  if had_socket; then start_sshd "$SSH_SOCKET" || :; else start_sshd "$SSH_UNIT" || :; fi
}

# The backup sshd listens no more, whatever systemd knows of it. Somebody else's on that port is not ours to end.
backup_is_shut() {
  now
  shut_begin=$now
  while shut_pids=$(backup_pids) && [ -n "$shut_pids" ]; do
    for shut_pid in $shut_pids; do kill -s KILL "$shut_pid" 2>/dev/null || :; done
    now
    [ "$now" -le $((shut_begin + 20)) ] || return 1
    sleep 0.1
  done
}

backup_pids() {
  for backup_pid in $(port_pids "$rollback_backup_port" 'sshd[a-z-]*'); do
    ! grep -qs /etc/ssh/postern-backup/ "/proc/$backup_pid/cmdline" || echo "$backup_pid"
  done
}
