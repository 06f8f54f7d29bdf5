# shellcheck shell=sh
# What every part of the agent needs: places, words, the record of the change and its lock. Sourced by agent.sh.

STATE=/var/lib/postern
TXN=$STATE/change
SNAPSHOT=$TXN/snapshot
PAYLOAD=$TXN/payload
RECORD=$STATE/record
LOCK=/run/postern.lock
# shellcheck disable=SC2034 # for those who source this
UNITS=/etc/systemd/system

# SYSTEMCTL_SKIP_SYSV: the links of SysV init are not ours to rewrite, and could not be put back exactly.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive SYSTEMCTL_SKIP_SYSV=1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077

# Progress and refusals go to stderr; stdout is for answers.
say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# Whole seconds since boot, suspended time included: no change of the date moves it.
uptime_seconds() { cut -d. -f1 /proc/uptime; }

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# get FILE KEY: the value of the first line KEY=value.
get() { sed -n "s/^$2=//p" "$1" 2>/dev/null | head -n 1; }

record() { get "$RECORD" "$1"; }

plan() { get "$PAYLOAD/plan" "$1"; }

# The phase of the last change: armed, undoing, committed, sealed, undone; `torn` for a record that says none of these,
# which has to be undone where there is something to go back to; nothing without a record.
phase() {
  phase_now=$(record phase)
  case $phase_now in
    armed | undoing | committed | sealed | undone) echo "$phase_now" ;;
    *) if [ -e "$RECORD" ] && [ -f "$SNAPSHOT/units" ]; then echo torn; fi ;;
  esac
}

# put_record KEY=value…: rewrites the record as a whole; a reader sees the old one or the new one, even after a power
# cut. Fails, and leaves the old one, where the disk is full; each step says so itself, because the undo calls it where
# `set -e` is off.
put_record() {
  put_keys=
  for put_pair in "$@"; do put_keys="$put_keys/^${put_pair%%=*}=/d;"; done
  put_kept=$(sed "$put_keys" "$RECORD" 2>/dev/null) || put_kept=
  write_record ${put_kept:+"$put_kept"} "$@"
}

# write_record LINE…: a record of these lines alone.
write_record() {
  mkdir -p "$STATE" &&
    printf '%s\n' "$@" >"$RECORD.next" &&
    sync "$RECORD.next" &&
    mv -f "$RECORD.next" "$RECORD" &&
    sync "$STATE"
}

# The deadline is counted from the last word of the deployer, so it is renewed at every step. It only has to outlive the
# processes, not the kernel: a boot undoes an armed change whatever the deadline says. One that can't be read is over.
DEADLINE=$STATE/deadline

renew() {
  echo $(($(uptime_seconds) + $(record seconds))) >"$DEADLINE.next"
  mv -f "$DEADLINE.next" "$DEADLINE"
}

seconds_left() {
  deadline=$(cat "$DEADLINE" 2>/dev/null) || deadline=
  case $deadline in '' | *[!0-9]*) deadline=0 ;; esac
  echo $((deadline - $(uptime_seconds)))
}

expired() {
  [ "$(record boot)" != "$(boot_id)" ] || [ "$(seconds_left)" -le 0 ]
}

# Runs its arguments alone on this host; gives up after 70 s.
locked() {
  (
    flock -w 70 9 || fail "another step still holds $LOCK after 70 s"
    "$@"
  ) 9>"$LOCK"
}

# For the undo, which must not wait for ever: a step that hangs while its change is due to be undone is ended.
locked_at_last() {
  (
    until flock -w "$LOCK_PATIENCE" 9; do
      if ! due; then exit 0; fi
      end_holders
    done
    "$@"
  ) 9>"$LOCK"
}

LOCK_PATIENCE=30

# Processes inherit the lock from the step that started them.
end_holders() {
  read -r holder_self _ </proc/self/stat
  for holder in $(find /proc/[0-9]*/fd -lname "$LOCK" 2>/dev/null | cut -d/ -f3 | sort -u); do
    [ "$holder" = "$holder_self" ] || kill -9 "$holder" 2>/dev/null || :
  done
}

# Is the change to be undone now?
due() {
  case $(phase) in
    armed) expired || [ -f "$TXN/undo-now" ] ;;
    undoing | torn) ;;
    *) return 1 ;;
  esac
}

# A step of the change may only run while the change is armed and its time is not over.
require_armed() {
  [ "$(record id)" = "$1" ] || fail "another change is under way on this host, not $1"
  [ "$(phase)" = armed ] || fail "the change $1 is not armed on this host (it is: $(phase))"
  if expired; then fail "the time of change $1 is over; the host is rolling it back"; fi
}

# install_file MODE SOURCE TARGET: atomically, so that a full disk or a power cut leaves the old file whole.
install_file() {
  mkdir -p "${3%/*}"
  # Never through a link that lies in wait there.
  cp --remove-destination "$2" "$3.postern-new"
  chown root:root "$3.postern-new"
  chmod "$1" "$3.postern-new"
  sync "$3.postern-new"
  mv -f "$3.postern-new" "$3"
}

# Neither timer nor boot looks at the change any more.
disarm() {
  systemctl -q --no-reload disable postern-undo.timer postern-undo-boot.service 2>/dev/null || :
  systemctl -q --no-block stop postern-undo.timer 2>/dev/null || :
}

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# unit_state UNIT: enablement and activity, `-` for none, so that both words are always there.
unit_state() {
  systemctl show -p UnitFileState,ActiveState "$1" 2>/dev/null | {
    unit_enabled=- unit_active=-
    while IFS='=' read -r unit_key unit_value; do
      case $unit_key in
        UnitFileState) unit_enabled=${unit_value:--} ;;
        ActiveState) unit_active=${unit_value:--} ;;
      esac
    done
    echo "$unit_enabled $unit_active"
  }
}
