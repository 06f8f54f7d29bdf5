# shellcheck shell=sh
# One step at a time on this host, and for how long it may be at work. Sourced by agent.sh and arm.sh.
#
# A host that is slow is not silent: while a step of its own is at work, within its limit, the change is not due to be
# undone however long the deployer had nothing to say.

# `PID NAME UNTIL` of the step at work: its process, what it is, and the second of this boot in which its time is over;
# empty when none is. In memory, so that a full disk does not matter.
STEP=/run/postern.step

# Seconds that a rollback may take before somebody else may end it and begin again.
# shellcheck disable=SC2034 # for agent.sh
ROLLBACK_SECONDS=600

# Runs its arguments alone on this host; gives up when others take longer than any step may.
locked() {
  (
    look_up "$PAYLOAD/plan" step_seconds
    turn_seconds=$((${got:-300} + 60))
    flock -w "$turn_seconds" 9 || fail "another step still holds $LOCK after $turn_seconds s: $(cat "$STEP" 2>/dev/null)"
    "$@"
  ) 9>"$LOCK"
}

# For the rollback, which must not wait for ever: a step whose change is due to be rolled back, and whose own time is over, is
# ended. Sets $overran to it.
locked_at_last() {
  (
    overran=
    until flock -w "$LOCK_PATIENCE" 9; do
      if ! due; then exit 0; fi
      if at_work; then continue; fi
      end_holders
    done
    "$@"
  ) 9>"$LOCK"
}

LOCK_PATIENCE=30

# begin_work NAME SECONDS: this process is at work from now on.
begin_work() {
  now
  # shellcheck disable=SC2154 # set by now
  echo "$$ $1 $((now + $2))" >"$STEP" || :
}

end_work() { : >"$STEP" || :; }

# at_work: a step is, and within its time. Not where its deployer has asked for the rollback meanwhile, or its process is gone.
at_work() {
  work_pid='' work_name='' work_until=''
  [ ! -r "$STEP" ] || read -r work_pid work_name work_until <"$STEP" || :
  case $work_pid$work_until in '' | *[!0-9]*) return 1 ;; esac
  kill -0 "$work_pid" 2>/dev/null || return 1
  now
  if [ "$now" -gt "$work_until" ]; then
    # shellcheck disable=SC2034 # read by why_now
    overran=$work_name
    return 1
  fi
  look_up "$RECORD" id
  { [ ! -f "$TXN/undo-now" ] && [ ! -f "$ROLLBACK_NOW.$got" ]; } || [ "$work_name" = rollback ]
}

# Processes inherit the lock from the step that started them.
end_holders() {
  read -r holder_self _ </proc/self/stat
  for holder in $(find /proc/[0-9]*/fd -lname "$LOCK" 2>/dev/null | cut -d/ -f3 | sort -u); do
    [ "$holder" = "$holder_self" ] || kill -9 "$holder" 2>/dev/null || :
  done
}
