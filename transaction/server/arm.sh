#!/bin/sh
# Takes the place of the last change, snapshots what this one may touch, and arms the rollback. Run by stage.sh from the
# bundle's own folder, so it depends on nothing that an earlier change left.
set -eu
NEXT=${0%/agent/arm.sh}
# shellcheck source=lib.sh
. "$NEXT/agent/lib.sh"
# shellcheck source=host/systemd.sh
. "$NEXT/agent/host/systemd.sh"
# shellcheck source=files.sh
. "$NEXT/agent/files.sh"
# shellcheck source=step-lock.sh
. "$NEXT/agent/step-lock.sh"
# shellcheck source=live.sh
. "$NEXT/agent/live.sh"
# shellcheck source=backup-rules.sh
. "$NEXT/agent/backup-rules.sh"
# shellcheck source=aging.sh
. "$NEXT/agent/aging.sh"
# shellcheck source=snapshot.sh
. "$NEXT/agent/snapshot.sh"
# shellcheck source=origin.sh
. "$NEXT/agent/origin.sh"
# shellcheck source=keep-origin.sh
. "$NEXT/agent/keep-origin.sh"
own_id=$(get "$NEXT/payload/plan" id)
trap 'give_up $?' EXIT

# Nothing of a change that could not be armed stays.
give_up() {
  rm -rf "$NEXT"
  if [ "$1" -eq 0 ] || [ "$(plan id)" != "$own_id" ]; then return 0; fi
  rm -f "$TXN/reserve"
  if [ "$(record id)" = "$own_id" ]; then
    echo 'the rollback could not be armed' >"$TXN/undo-now" || :
    sh "$STATE/agent/agent.sh" expire || :
  else
    throw_away "$TXN"
  fi
}

# The programs that roll a change back are only replaced while no change is armed.
refuse_if_busy() {
  case $(phase) in
    armed | undoing | torn)
      say "another change is under way on this host: $(record id) by $(record holder), $(seconds_left) s left"
      exit 75
      ;;
  esac
}

# Committed, but its deployer was gone before it was finished. A restored host is what it was before its first change, and
# this change is its first.
finish_last() {
  case $(record operation) in
    restore)
      throw_away "$STATE/sealed" "$STATE/origin"
      rm -f "$RECORD"
      ;;
    *)
      keep_origin
      mkdir -p "$STATE/sealed"
      # An arming that failed here before has thrown it away already.
      [ ! -f "$PAYLOAD/plan" ] || cp "$PAYLOAD/plan" "$STATE/sealed/"
      # Said before the change is thrown away: a record of it without its plan could be neither sealed nor followed.
      put_record phase=sealed
      ;;
  esac
}

take_place() {
  change_number=$(record change)
  case $change_number in '' | *[!0-9]*) change_number=0 ;; esac
  whole_origin
  [ "$(phase)" != committed ] || finish_last
  mkdir -p "$STATE"
  throw_away "$TXN"
  rm -rf "$STATE/agent.old"
  [ ! -d "$STATE/agent" ] || mv "$STATE/agent" "$STATE/agent.old"
  mv "$NEXT/agent" "$STATE/agent"
  mkdir -p "$TXN"
  mv "$NEXT/payload" "$PAYLOAD"
  rm -rf "$STATE/agent.old"
  # Given back to a full disk when the rollback begins.
  head -c 524288 /dev/zero >"$TXN/reserve"
}

install_rollback() {
  # The backup door's unit with them, so that systemd has to read its files only once.
  unit_changed=
  set --
  for unit in postern-undo.service postern-undo.timer postern-undo-boot.service postern-backup.service; do
    if [ -e "$UNITS/$unit" ]; then
      cmp -s "$STATE/agent/units/$unit" "$UNITS/$unit" && continue
      unit_changed=yes
    fi
    set -- "$@" "$STATE/agent/units/$unit"
  done
  # Until the timer runs, further down, there is nothing that would have to be rolled back: no need to rename them into place.
  if [ "$#" -gt 0 ]; then
    install -o root -g root -m 0644 -t "$UNITS" "$@"
    sync "$UNITS"/postern-undo*.* "$UNITS/postern-backup.service"
  fi
  rollback_refusal=$(systemctl -q --no-reload enable postern-undo-boot.service postern-undo.timer 2>&1) || fail "systemd does not enable the rollback's units: $rollback_refusal"
  # New units systemd finds by itself; only what it has read already has to be read anew.
  if [ -n "$unit_changed" ] || ! rollback_is_loaded; then systemctl daemon-reload; fi
}

rollback_is_loaded() {
  for load_state in $(shown -p LoadState --value postern-undo.service postern-undo.timer postern-backup.service); do
    [ "$load_state" = loaded ] || return 1
  done
}

arm() {
  refuse_if_busy
  take_place
  take_snapshot
  extend_origin
  # The snapshot before the record, so that no power cut leaves an armed change with half of one.
  sync -f "$STATE"
  # The record says armed before the timer runs: a timer that fires too early finds time left and does nothing.
  now
  this_boot
  echo $((now + $(plan rollback_seconds))) >"$DEADLINE"
  write_record "id=$(plan id)" "operation=$(plan operation)" "change=$((change_number + 1))" "holder=$(plan holder)" \
    "seconds=$(plan rollback_seconds)" "boot=$boot_now" phase=armed
  install_rollback
  sync "$UNITS" "$UNITS/sysinit.target.wants" "$UNITS/timers.target.wants"
  systemctl restart postern-undo.timer
}

# A change whose time is over but whose timer is gone is rolled back now, or it would block the host for ever.
if due; then sh "$STATE/agent/agent.sh" expire || :; fi

# A restore whose deployer was gone before the host had forgotten it.
if [ "$(phase) $(record operation)" = 'committed restore' ]; then sh "$STATE/agent/agent.sh" forget "$(record id)" >/dev/null || :; fi

locked arm
echo armed
