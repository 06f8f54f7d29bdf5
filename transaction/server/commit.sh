# shellcheck shell=sh
# The end of a change: one of commit and rollback wins, decided under the lock. Sourced by agent.sh.

# The proof that somebody came in through the front door: made when asked for, given to such a session only.
nonce() {
  connection=${SSH_CONNECTION:-}
  port=${connection##* }
  [ "$port" = "$(plan front_port)" ] || fail "the nonce is only given through the front door, port $(plan front_port); this session came through port ${port:-none}"
  random_hex >"$TXN/nonce"
  cat "$TXN/nonce"
}

# commit ID, the nonce on stdin.
commit() {
  require_armed "$1"
  IFS= read -r given || :
  { [ -s "$TXN/nonce" ] && [ "$given" = "$(cat "$TXN/nonce")" ]; } || fail 'that is not the nonce of this change'
  rm -f "$TXN/nonce"
  renew
  # Not 1, by which a commit is refused: the record may say it, or the disk may not have it yet.
  put_record "committed_at=$(date -u +%FT%TZ)" phase=committed || exit 74
  echo committed || exit 74
}

# ask_rollback ID: the rollback runs as a unit of its own, because it ends the very session that asks for it.
ask_rollback() {
  [ "$(record id)" = "$1" ] || fail "another change is under way on this host, not $1"
  [ "$(phase)" = armed ] || { phase; return 0; }
  # Even empty, where the disk is full, the file says it; where it is read-only, one in memory.
  echo 'the deployer asked for it' >"$TXN/undo-now" || true >"$ROLLBACK_NOW.$1"
  systemctl start --no-block postern-undo.service
  echo undoing
}
