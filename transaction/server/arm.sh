#!/bin/sh
# Takes the place of the last change, snapshots what this one may touch, and arms the undo. Run by stage.sh from the
# bundle's own folder, so it depends on nothing that an earlier change left.
set -eu
NEXT=/var/lib/postern.next
. "$NEXT/agent/lib.sh"
. "$NEXT/agent/snapshot.sh"

# The programs that undo a change are only replaced while no change is armed.
refuse_if_busy() {
  case $(record phase) in
    armed | undoing)
      rm -rf "$NEXT"
      say "another change is under way on this host: $(record id) by $(record holder), $(seconds_left) s left"
      exit 75
      ;;
  esac
}

take_place() {
  mkdir -p "$STATE"
  rm -rf "$TXN" "$STATE/agent.old"
  [ ! -d "$STATE/agent" ] || mv "$STATE/agent" "$STATE/agent.old"
  mv "$NEXT/agent" "$STATE/agent"
  mkdir -p "$TXN"
  mv "$NEXT/payload" "$PAYLOAD"
  rm -rf "$NEXT" "$STATE/agent.old"
}

install_undo() {
  # The backup door's unit with them, so that systemd has to read its files only once.
  for unit in postern-undo.service postern-undo.timer postern-undo-boot.service postern-backup.service; do
    install_file 0644 "$STATE/agent/units/$unit" "$UNITS/$unit"
  done
  systemctl -q --no-reload enable postern-undo-boot.service postern-undo.timer 2>/dev/null
  systemctl daemon-reload
}

arm() {
  refuse_if_busy
  take_place
  take_snapshot
  # The record says armed before the timer runs: a timer that fires too early finds time left and does nothing.
  rm -f "$RECORD"
  echo $(($(uptime_seconds) + $(plan rollback_seconds))) >"$DEADLINE"
  put_record "id=$(plan id)" "holder=$(plan holder)" "seconds=$(plan rollback_seconds)" "boot=$(boot_id)" \
    phase=armed
  sync -f "$STATE"
  install_undo
  systemctl restart postern-undo.timer
}

locked arm
echo armed
