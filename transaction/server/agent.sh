#!/bin/sh
# The part of Postern that lives on the VPS.
#
#   agent.sh VERB ID [argument…]   a step of the change ID; data on stdin, answers on stdout
#   agent.sh expire | boot         asked by the units: is there something to undo?
set -eu
AGENT=${0%/*}
. "$AGENT/lib.sh"
. "$AGENT/snapshot.sh"
. "$AGENT/undo.sh"

# What the timer does: an armed change whose time is over is undone; a committed one is sealed, because its front door
# was proven and its deployer is gone.
expire() {
  case $(record phase) in
    armed)
      if expired || [ -f "$TXN/undo-now" ]; then undo "${1:-$(why_now)}"; fi
      ;;
    undoing) undo "$(record reason)" ;;
    committed)
      if expired; then
        . "$AGENT/seal.sh"
        seal
      fi
      ;;
    *) systemctl -q --no-block stop postern-undo.timer ;;
  esac
}

why_now() {
  if [ -f "$TXN/undo-now" ]; then cat "$TXN/undo-now"; else echo "no word from $(record holder) for $(record seconds) s"; fi
}

# A record that can't be read is that of a change: it is written before the first one.
boot() {
  case $(record phase) in
    sealed | undone) ;;
    committed)
      . "$AGENT/seal.sh"
      seal
      ;;
    *) undo 'the host was rebooted while the change was under way' ;;
  esac
}

case ${1:-} in
  expire) locked expire; exit ;;
  boot) locked boot; exit ;;
esac

verb=${1:-}
id=${2:-}
[ -n "$id" ] || fail 'usage: agent.sh VERB ID [argument…]'
shift 2

# A step alone on the host, while its change is armed. Bounded, so that the undo never waits long for the lock.
step() {
  require_armed "$id"
  renew
  "$@"
}

case $verb in
  packages) . "$AGENT/packages.sh"; locked step :; packages ;;
  backup) . "$AGENT/backup.sh"; locked step backup_up ;;
  candidate) . "$AGENT/sshd.sh"; . "$AGENT/admin.sh"; locked step candidate ;;
  switch) . "$AGENT/sshd.sh"; . "$AGENT/switch.sh"; locked step switch ;;
  door-seconds) . "$AGENT/verify.sh"; locked step door_seconds "$@" ;;
  forget-knockers) . "$AGENT/verify.sh"; locked step forget_knockers "$@" ;;
  knockers) . "$AGENT/verify.sh"; locked step knockers ;;
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
