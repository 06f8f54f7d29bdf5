#!/bin/sh
# The part of Postern that lives on the VPS.
#
#   agent.sh VERB ID [argument…]   a step of the change ID; data on stdin, answers on stdout
#   agent.sh expire | boot         asked by the units: is there something to undo?
set -eu
AGENT=${0%/*}
. "$AGENT/lib.sh"
. "$AGENT/host/systemd.sh"
. "$AGENT/files.sh"
. "$AGENT/turn.sh"
. "$AGENT/live.sh"
. "$AGENT/backup-rules.sh"
. "$AGENT/backup-guard.sh"
. "$AGENT/host/lost.sh"
. "$AGENT/aging.sh"
. "$AGENT/snapshot.sh"
. "$AGENT/keep-origin.sh"
. "$AGENT/ssh-port.sh"
. "$AGENT/disk.sh"
. "$AGENT/undo.sh"
. "$AGENT/undo-sshd.sh"
know_system

# What the timer does: an armed change whose time is over is undone; a committed one is finished, because its front door
# was proven and its deployer is gone; the rest of an undo that was killed at its very end is done.
expire() {
  case $(phase) in
    armed) if due; then undo_now "$(why_now)"; fi ;;
    undoing) undo_now "$(record reason)" ;;
    torn) undo_now 'the record of the change cannot be read' ;;
    committed) if expired && booted; then finish; fi ;;
    undone) undo_programs ;;
    *) disarm ;;
  esac
}

# What the deployer asked for decides what is left to do. A record that does not say is of an earlier Postern, and counts as a
# hardening: a host that is sealed too much can be entered.
finish() {
  case $(record operation) in
    restore) forget_change ;;
    *) seal ;;
  esac
}

# A seal writes down what the host looks like, so it waits until firewall and knock daemon are up.
booted() {
  case $(systemctl is-system-running 2>/dev/null) in initializing | starting) return 1 ;; esac
}

undo_now() {
  begin_work undo "$UNDO_SECONDS"
  undo "$1"
  end_work
}

# Which clock ran out.
why_now() {
  # First: the deployer asks for a rollback as soon as it hears that its step was ended.
  if [ -n "${overran:-}" ]; then
    echo "the step $overran was still at work after the $(plan step_seconds) s that the host gives a step"
  elif [ -f "$TXN/undo-now" ]; then
    cat "$TXN/undo-now"
  elif [ -f "$UNDO_NOW.$(record id)" ]; then
    echo 'the deployer asked for it, and the disk is read-only'
  else
    echo "no word from $(record holder) for $(record seconds) s (verify.rollbackSeconds)"
  fi
}

# Before firewall and sshd are started, so nothing here may wait for a unit. A committed change is sealed by the timer
# once they are up; its backup door closed with the reboot.
boot() {
  undo_block=--no-block
  case $(phase) in
    sealed) disarm ;;
    committed) close_backup ;;
    undone) undo_programs ;;
    *) undo 'the host was rebooted while the change was under way' ;;
  esac
}

case ${1:-} in
  expire) . "$AGENT/seal.sh"; . "$AGENT/release.sh"; locked_at_last expire; exit ;;
  boot) . "$AGENT/seal.sh"; locked boot; exit ;;
esac

verb=${1:-}
id=${2:-}
[ -n "$id" ] || fail 'usage: agent.sh VERB ID [argument…]'
shift 2

# A step alone on the host, while its change is armed. The time that it takes itself is not the deployer's silence, also
# where it fails in the end.
step() {
  require_armed "$id"
  renew
  step_begin=$now
  look_up "$PAYLOAD/plan" step_seconds
  begin_work "$verb" "${got:-300}"
  trap step_over EXIT
  "$@"
}

step_over() {
  now
  [ "$now" -le $((step_begin + 1)) ] || renew || :
  end_work
}

case $verb in
  packages) . "$AGENT/packages.sh"; locked step :; packages ;;
  backup) . "$AGENT/backup.sh"; locked step backup_up ;;
  candidate) . "$AGENT/sshd.sh"; . "$AGENT/admin.sh"; locked step candidate ;;
  switch) . "$AGENT/sshd.sh"; . "$AGENT/switch.sh"; locked step switch ;;
  door-seconds) . "$AGENT/verify.sh"; locked step door_seconds "$@" ;;
  forget-knockers) . "$AGENT/verify.sh"; locked step forget_knockers "$@" ;;
  alive) locked step : ;;
  nonce) . "$AGENT/commit.sh"; locked step nonce ;;
  commit) . "$AGENT/commit.sh"; locked commit "$id" ;;
  seal) . "$AGENT/seal.sh"; locked seal_now "$id" ;;
  undo) . "$AGENT/commit.sh"; ask_undo "$id" ;;
  inspect) . "$AGENT/inspect.sh"; inspect ;;
  release) . "$AGENT/sshd.sh"; . "$AGENT/release.sh"; locked step release ;;
  forget) . "$AGENT/release.sh"; locked forget "$id" ;;
  *) fail "unknown verb $verb" ;;
esac
