#!/bin/sh
# The part of Postern that lives on the VPS.
#
#   agent.sh VERB ID [argument…]   a step of the change ID; data on stdin, answers on stdout
#   agent.sh expire | boot         asked by the units: is there something to roll back?
set -eu
AGENT=${0%/*}
. "$AGENT/lib.sh"
. "$AGENT/host/systemd.sh"
. "$AGENT/files.sh"
. "$AGENT/step-lock.sh"
. "$AGENT/live.sh"
. "$AGENT/backup-rules.sh"
. "$AGENT/backup-guard.sh"
. "$AGENT/host/lost.sh"
. "$AGENT/aging.sh"
. "$AGENT/snapshot.sh"
. "$AGENT/keep-origin.sh"
. "$AGENT/ssh-port.sh"
. "$AGENT/disk.sh"
. "$AGENT/rollback.sh"
. "$AGENT/rollback-sshd.sh"
know_system

# What the timer does: an armed change whose time is over is rolled back; a committed one is finished, because its front door
# was proven and its deployer is gone; the rest of a rollback that was killed at its very end is done.
expire() {
  case $(phase) in
    armed) if due; then rollback_now "$(why_now)"; fi ;;
    undoing) rollback_now "$(record reason)" ;;
    torn) rollback_now 'the record of the change cannot be read' ;;
    committed) if expired && booted; then finish; fi ;;
    undone) rollback_programs ;;
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

rollback_now() {
  begin_work rollback "$ROLLBACK_SECONDS"
  roll_back "$1"
  end_work
}

# Which clock ran out.
why_now() {
  # First: the deployer asks for a rollback as soon as it hears that its step was ended.
  if [ -n "${overran:-}" ]; then
    echo "the step $overran was still at work after the $(plan step_seconds) s that the host gives a step"
  elif [ -f "$TXN/undo-now" ]; then
    cat "$TXN/undo-now"
  elif [ -f "$ROLLBACK_NOW.$(record id)" ]; then
    echo 'the deployer asked for it, and the disk is read-only'
  else
    echo "no word from $(record holder) for $(record seconds) s (verify.rollbackSeconds)"
  fi
}

# Before firewall and sshd are started, so nothing here may wait for a unit. A committed change is sealed by the timer
# once they are up; its backup door closed with the reboot.
boot() {
  rollback_block=--no-block
  case $(phase) in
    sealed) disarm ;;
    committed) close_backup ;;
    undone) rollback_programs ;;
    *) roll_back 'the host was rebooted while the change was under way' ;;
  esac
}

case ${1:-} in
  expire) . "$AGENT/seal.sh"; . "$AGENT/restore.sh"; locked_at_last expire; exit ;;
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
  set-door-timeout) . "$AGENT/verify.sh"; locked step door_timeout "$@" ;;
  flush-door) . "$AGENT/verify.sh"; locked step flush_door "$@" ;;
  heartbeat) locked step : ;;
  nonce) . "$AGENT/commit.sh"; locked step nonce ;;
  commit) . "$AGENT/commit.sh"; locked commit "$id" ;;
  seal) . "$AGENT/seal.sh"; locked seal_now "$id" ;;
  rollback) . "$AGENT/commit.sh"; ask_rollback "$id" ;;
  inspect) . "$AGENT/inspect.sh"; inspect ;;
  restore) . "$AGENT/sshd.sh"; . "$AGENT/restore.sh"; locked step restore_host ;;
  forget) . "$AGENT/restore.sh"; locked forget "$id" ;;
  *) fail "unknown verb $verb" ;;
esac
