# shellcheck shell=sh
# Messages. They go to stderr, so that what a command prints on stdout stays a machine's to read.

say() { printf '%s\n' "$*" >&2; }

# die MESSAGE…: one line each, the first says what is wrong, the rest what to do.
die() {
  printf 'postern: %s\n' "$1" >&2
  shift
  [ "$#" -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}
