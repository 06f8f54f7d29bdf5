# shellcheck shell=sh
# What every part of the agent needs: places, words, the record of the change and its lock. Sourced by agent.sh.

STATE=/var/lib/postern
TXN=$STATE/change
SNAPSHOT=$TXN/snapshot
PAYLOAD=$TXN/payload
RECORD=$STATE/record
LOCK=/run/postern.lock
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

# put_record KEY=value…: rewrites the record as a whole; a reader sees the old one or the new one, even after a power cut.
put_record() {
  mkdir -p "$STATE"
  [ ! -f "$RECORD" ] || cp "$RECORD" "$RECORD.next"
  for put_pair in "$@"; do
    [ ! -f "$RECORD.next" ] || sed -i "/^${put_pair%%=*}=/d" "$RECORD.next"
    printf '%s\n' "$put_pair" >>"$RECORD.next"
  done
  sync "$RECORD.next"
  mv -f "$RECORD.next" "$RECORD"
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

# Runs its arguments alone on this host; gives up after 70 s, more than any holder of the lock may take.
locked() {
  (
    flock -w 70 9 || fail "another step still holds $LOCK after 70 s"
    "$@"
  ) 9>"$LOCK"
}

# A step of the change may only run while the change is armed and its time is not over.
require_armed() {
  [ "$(record phase)" = armed ] || fail "the change $1 is not armed on this host (it is: $(record phase))"
  [ "$(record id)" = "$1" ] || fail "another change is under way on this host, not $1"
  if expired; then fail "the time of change $1 is over; the host is rolling it back"; fi
}

# install_file MODE SOURCE TARGET: atomically, so that a full disk or a power cut leaves the old file whole.
install_file() {
  mkdir -p "${3%/*}"
  cp "$2" "$3.postern-new"
  chown root:root "$3.postern-new"
  chmod "$1" "$3.postern-new"
  sync "$3.postern-new"
  mv -f "$3.postern-new" "$3"
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
