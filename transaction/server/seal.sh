# shellcheck shell=sh
# Sealing: the backup door is closed and removed, and what the host is now is written down. Sourced by agent.sh.

. "$AGENT/backup.sh"
. "$AGENT/inspect.sh"
. "$AGENT/sessions.sh"

# seal_now ID: prints `closed` as soon as the backup door is, a line for each session that it ends or leaves (sessions.sh),
# and when the host was sealed in the last line.
seal_now() {
  [ "$(record id)" = "$1" ] || fail "another change is under way on this host, not $1"
  case $(record phase) in
    sealed) ;;
    # The deployer looks from outside meanwhile.
    committed)
      [ "$(record operation)" != restore ] || fail "the change $1 restored this host: there is nothing to seal"
      seal echo closed
      ;;
    *) fail "the change $1 is not committed (it is: $(record phase))" ;;
  esac
  record sealed_at
}

# seal [COMMAND…]: COMMAND as soon as the backup door is closed.
seal() {
  close_backup
  "$@"
  system_ports_back "$(plan ssh_port)"
  keep_origin
  mkdir -p "$STATE/sealed"
  plan host_key_generation >"$STATE/sealed/host_key_generation"
  cp "$PAYLOAD/plan" "$PAYLOAD/touch" "$STATE/sealed/"
  : >"$PRIVATE_HOME"
  settled_manifest >"$STATE/sealed/manifest"
  rm -rf "$PAYLOAD/files" "$CANDIDATE_DIR"
  throw_away "$SNAPSHOT"
  put_record "sealed_at=$(date -u +%FT%TZ)" phase=sealed
  sync -f "$STATE"
  disarm
  # Last, because nothing depends on it: the host is sealed, whoever is still in.
  end_sessions || :
}

# The daemon first: without it the port answers nobody, even where a rule for it could not be taken away.
close_backup() {
  systemctl -q --no-block stop postern-backup.service 2>/dev/null || :
  rm -rf "$BACKUP" "$UNITS/postern-backup.service"
  backup_shut
  backup_guard_gone
}

CANDIDATE_DIR=$TXN/candidate
