# shellcheck shell=sh
# hold_lock FILE WHAT: makes this process wait until no other one holds FILE, then holds it until release_lock or its end.
# A lock dies with its process, so a killed set-up leaves none behind. Where flock(1) is missing (macOS) there is no lock.
hold_lock() {
  command -v flock >/dev/null 2>&1 || return 0
  mkdir -p "${1%/*}"
  exec 9>>"$1"
  if ! flock -n 9; then
    say "waiting for another set-up that $2"
    flock 9
  fi
}

release_lock() { exec 9>&-; }
