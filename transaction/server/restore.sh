# shellcheck shell=sh
# Back to what the host was before Postern ever changed it: the snapshot of the first change. Sourced by agent.sh.
#
# A change like any other: it has its own snapshot and its rollback is armed, so that a host that nobody can reach
# afterwards comes back sealed.

. "$AGENT/backup.sh"

restore_host() {
  [ -f "$STATE/origin/snapshot/units" ] || fail 'the snapshot from before the first change is gone'
  backup_open
  sealed_snapshot=$SNAPSHOT
  SNAPSHOT=$STATE/origin/snapshot
  # shellcheck disable=SC2034 # read by rollback.sh
  ROLLBACK_TOUCH=$STATE/origin/touch ROLLBACK_PLAN=$STATE/origin/plan rollback_block=
  restore_errors=
  for restore_step in rollback_new_units rollback_rules rollback_files rollback_units rollback_rules rollback_sshd rollback_aging; do
    $restore_step || restore_errors="$restore_errors $restore_step"
  done
  SNAPSHOT=$sealed_snapshot
  [ -z "$restore_errors" ] || fail "not everything could be restored:$restore_errors"
  # Before the commit, after which nothing is rolled back: what was restored outlasts a power cut.
  sync -f /etc
  first_door_listens
  echo restored
}

# A reload takes sshd a moment, and the deployer comes at once. Whether it is open is for the deployer to see.
first_door_listens() { await "$DAEMON_SECONDS" listens "$(plan front_port)" || :; }

# forget ID: the restore is complete. What is armed is not forgotten, and what was hardened neither.
forget() {
  if [ "$(record id)" != "$1" ] || [ "$(record phase)" != committed ]; then fail "the change $1 is not committed"; fi
  [ "$(record operation)" = restore ] || fail "the change $1 is no restore: it is to be sealed"
  forget_change
  echo forgotten
}

# A restored host keeps nothing of Postern. Whoever is killed in here finds the record and the timer again until the last
# step, which is one: a record that is half deleted would say nothing.
forget_change() {
  backup_shut
  system_ports_back
  systemctl -q --no-block stop postern-backup.service 2>/dev/null || :
  rm -rf "$BACKUP" "$UNITS/postern-backup.service"
  backup_guard_gone
  for unit in postern-undo.timer postern-undo-boot.service; do systemctl -q disable "$unit" 2>/dev/null || :; done
  systemctl -q --no-block stop postern-undo.timer 2>/dev/null || :
  forgotten=/var/lib/postern.next.forgotten
  rm -rf "$forgotten"
  mv "$STATE" "$forgotten"
  rm -rf "$UNITS"/postern-undo*.service "$UNITS/postern-undo.timer" "$forgotten"
  reload_systemd
}
