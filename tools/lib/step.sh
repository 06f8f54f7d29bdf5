# shellcheck shell=sh
# One step of the set-up that takes time. Needs say.sh.
: "${root:?}"

# step NAME LABEL COMMAND…: runs COMMAND with its output in .postern/log/NAME.log. On a terminal a live line counts the
# seconds; elsewhere a plain line tells every half minute that it still works. Returns COMMAND's exit code; on failure the
# last lines of the log are shown ($step_lines, 15 by default).
step() {
  step_log=$root/.postern/log/$1.log step_label=$2
  shift 2
  mkdir -p "$root/.postern/log"
  step_began=$(date +%s)
  step_tick "$$" "$step_began" "$step_label" 9>&- &
  step_ticker=$!
  trap 'kill "$step_ticker" 2>/dev/null' EXIT
  step_code=0
  "$@" </dev/null >"$step_log" 2>&1 9>&- || step_code=$?
  trap - EXIT
  kill "$step_ticker" 2>/dev/null || :
  wait "$step_ticker" 2>/dev/null || :
  [ ! -t 2 ] || printf '\r\033[K' >&2
  step_took=$(($(date +%s) - step_began))
  if [ "$step_code" -eq 0 ]; then
    say "$step_label: done in $step_took s"
  else
    say "$step_label: failed after $step_took s (exit code $step_code). The end of $step_log:"
    tail -n "${step_lines:-15}" "$step_log" | sed 's/^/  | /' >&2
  fi
  return "$step_code"
}

# step_tick PID BEGAN LABEL: runs until it is killed or the set-up PID is gone.
step_tick() {
  step_last=0
  while sleep 1 >/dev/null 2>&1 && kill -0 "$1" 2>/dev/null; do
    step_now=$(($(date +%s) - $2))
    if [ -t 2 ]; then
      printf '\r\033[K%s … %s s' "$3" "$step_now" >&2
    elif [ "$step_last" -eq 0 ] || [ $((step_now - step_last)) -ge 30 ]; then
      say "$3 … $step_now s"
      step_last=$step_now
    fi
  done
}
