# shellcheck shell=sh
# What every part of the agent needs: places, words, the record of the change and its lock. Sourced by agent.sh.

STATE=/var/lib/postern
TXN=$STATE/change
SNAPSHOT=$TXN/snapshot
PAYLOAD=$TXN/payload
RECORD=$STATE/record
# shellcheck disable=SC2034 # for those who source this, as the next one
LOCK=/run/postern.lock
# With the change's id behind it: it is to be rolled back now, and the disk can't hold that.
ROLLBACK_NOW=/run/postern-undo-now
# shellcheck disable=SC2034
UNITS=/etc/systemd/system
# shellcheck disable=SC2034
PRIVATE_HOME=$STATE/sealed/private-home

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

# The functions that are asked dozens of times a step answer in a variable: a substitution would cost a process.

# now: sets $now to the whole seconds since boot, suspended time included: no change of the date moves it.
now() {
  read -r now _ </proc/uptime
  now=${now%%.*}
}

# this_boot: sets $boot_now to the id of this boot.
this_boot() { read -r boot_now </proc/sys/kernel/random/boot_id; }

# look_up FILE KEY: sets $got to the value of the first line KEY=value, to nothing without one.
look_up() {
  got=
  [ -r "$1" ] || return 0
  while IFS= read -r got_line || [ -n "$got_line" ]; do
    case $got_line in "$2="*)
      got=${got_line#*=}
      return 0
      ;;
    esac
  done <"$1"
}

# get FILE KEY: prints it.
get() {
  look_up "$1" "$2"
  [ -z "$got" ] || printf '%s\n' "$got"
}

record() { get "$RECORD" "$1"; }

plan() { get "$PAYLOAD/plan" "$1"; }

# What the host's family of systems calls things, for whoever sources it; a plan from before there were two is Debian's.
know_system() {
  look_up "$PAYLOAD/plan" system
  # shellcheck source=system/debian.sh
  . "$AGENT/system/${got:-debian}.sh"
}

# The phase of the last change: armed, undoing, committed, sealed, undone; `torn` for a record that says none of these,
# which has to be rolled back where there is something to go back to; nothing without a record.
phase() {
  find_phase
  [ -z "$phase_now" ] || echo "$phase_now"
}

# find_phase: sets $phase_now to it.
find_phase() {
  look_up "$RECORD" phase
  phase_now=$got
  case $phase_now in
    armed | undoing | committed | sealed | undone) ;;
    *) if [ -e "$RECORD" ] && [ -f "$SNAPSHOT/units" ]; then phase_now=torn; else phase_now=; fi ;;
  esac
}

# put_record KEY=value…: rewrites the record as a whole; a reader sees the old one or the new one, even after a power
# cut. Fails, and leaves the old one, where the disk is full; each step says so itself, because the rollback calls it where
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

# The deadline is counted from the last word of the deployer, so it is renewed at every step: the last line of its file
# counts, and no moment is without one. It only has to outlive the processes, not the kernel: a boot rolls back an armed
# change whatever the deadline says. One that can't be read is over.
DEADLINE=$STATE/deadline

renew() {
  now
  look_up "$RECORD" seconds
  echo $((now + got)) >>"$DEADLINE"
}

# Prints how long the change still has.
seconds_left() {
  find_seconds_left
  echo "$left"
}

# find_seconds_left: sets $left to it.
find_seconds_left() {
  left=
  if [ -r "$DEADLINE" ]; then while IFS= read -r left_line; do left=$left_line; done <"$DEADLINE"; fi
  case $left in '' | *[!0-9]*) left=0 ;; esac
  now
  left=$((left - now))
  # No deadline is further away than the time that was given: two lines that a full disk made one would be.
  look_up "$RECORD" seconds
  if [ "$left" -gt "${got:-$left}" ]; then left=0; fi
}

expired() {
  look_up "$RECORD" boot
  this_boot
  [ "$got" = "$boot_now" ] || return 0
  find_seconds_left
  [ "$left" -le 0 ]
}

# Is the change to be rolled back now?
due() {
  find_phase
  case $phase_now in
    armed)
      look_up "$RECORD" id
      [ -f "$TXN/undo-now" ] || [ -f "$ROLLBACK_NOW.$got" ] || expired
      ;;
    undoing | torn) ;;
    *) return 1 ;;
  esac
}

# A step of the change may only run while the change is armed and its time is not over.
require_armed() {
  look_up "$RECORD" id
  [ "$got" = "$1" ] || fail "another change is under way on this host, not $1"
  find_phase
  [ "$phase_now" = armed ] || fail "the change $1 is not armed on this host (it is: $phase_now)"
  if expired; then fail "the time of change $1 is over; the host is rolling it back"; fi
}

# Neither timer nor boot looks at the change any more.
disarm() {
  for disarm_unit in postern-undo.timer postern-undo-boot.service; do
    # Beside systemd, which only takes links away here: asked to do it, it would say of every unit that its file had changed,
    # until somebody reloads it.
    systemctl -q --root=/ disable "$disarm_unit" 2>/dev/null || :
  done
  # Stopped, not only told to, but while booting, where waiting for a job would wait for ever (rollback_block): a timer that
  # finds its service gone has failed, and says so for ever.
  systemctl_within 20 -q ${rollback_block:+"$rollback_block"} stop postern-undo.timer 2>/dev/null || :
}

# reload_systemd: has it read its units anew, and sshd running again where systemd lost sight of it.
reload_systemd() {
  systemctl daemon-reload
  # shellcheck disable=SC2046 # the fields of one line each
  set -- $(shown -p MainPID,ActiveState "$SSH_UNIT" | sort | cut -d= -f2)
  ! end_lost "$SSH_UNIT" "${1:-}" "${2:-}" || systemctl -q ${rollback_block:+"$rollback_block"} restart "$SSH_UNIT"
}

# await SECONDS COMMAND…: until the command succeeds; fails when it did not within that time. Counted by the clock, not in
# tries: those of a slow host take longer, and it needs more of them.
await() {
  now
  await_end=$((now + $1))
  shift
  until "$@"; do
    now
    [ "$now" -le "$await_end" ] || return 1
    sleep 0.02
  done
}

# listens PORT [PATTERN]: somebody does; one whose line of ss has PATTERN.
listens() { ss -Hltnp "sport = :$1" | grep -q "${2:-.}"; }

# Seconds that a daemon may take to listen, also where the host has a tenth of a processor.
# shellcheck disable=SC2034 # for those who source this
DAEMON_SECONDS=60

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# shown ARGUMENT…: what `systemctl show` prints, and not nothing.
shown() { systemctl show "$@" 2>/dev/null || fail 'systemd has not answered for 20 s'; }

# unit_states UNIT…: a line for each: its name, enablement and activity, `-` for none. One question to systemd for all.
unit_states() {
  await 20 units_shown "$@" || fail 'systemd has not answered for 20 s'
  printf '%s\n' "$unit_shown" | for unit_name in "$@"; do
    unit_enabled=- unit_active=-
    # An empty line ends what is said about a unit.
    while IFS='=' read -r unit_key unit_value && [ -n "$unit_key" ]; do
      case $unit_key in
        UnitFileState) unit_enabled=${unit_value:--} ;;
        ActiveState) unit_active=${unit_value:--} ;;
      esac
    done
    echo "$unit_name $unit_enabled $unit_active"
  done
}

# units_shown UNIT…: all of them, in their order. Half an answer may come before a whole one.
units_shown() {
  unit_shown=$(systemctl show -p UnitFileState,ActiveState "$@" 2>/dev/null) &&
    [ "$(printf '%s\n' "$unit_shown" | grep -c '^ActiveState=')" -eq "$#" ]
}

# unit_state UNIT: enablement and activity.
unit_state() {
  unit_line=$(unit_states "$1")
  echo "${unit_line#* }"
}
