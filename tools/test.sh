#!/bin/sh
# npm test -- [vitest flags…]: set-up, then formatting, lint, types, shell scripts, unit tests, lab tests. Every part runs, whatever
# failed before it. A lab test measures a real host by the clock, on a machine that may be busy: files of lab tests that
# fail are run once more by themselves, and named. The last line is the sum: `N passed, N failed`, where a failed part
# counts as one.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/lib/say.sh"
. "$root/tools/lib/step.sh"
. "$root/tools/lib/lab-support.sh"
sh "$root/tools/setup.sh" --tests || { echo '0 passed, 1 failed'; exit 1; }
cd "$root"
PATH=$root/node_modules/.bin:$PATH
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$root/.postern/cache/node}
export PATH NODE_COMPILE_CACHE
results=$root/.postern/test
rm -rf "$results"
mkdir -p "$results"
. "$root/tools/lib/test-runs.sh"

failed_parts=''
part() {
  part_name=$1
  shift
  "$@" || failed_parts="$failed_parts $part_name"
}

export step_lines=200
part format-and-lint step biome 'format and lint (biome)' biome check .
part types step types 'types (tsc)' tsc --noEmit
if command -v shellcheck >/dev/null 2>&1; then
  part shell step shellcheck 'shell scripts (shellcheck)' sh tools/lint-shell.sh
else
  say 'shell scripts: not checked, shellcheck is not installed'
  [ "${CI-}" != true ] || failed_parts="$failed_parts shell"
fi
part unit run_tests unit unit --passWithNoTests "$@"
obstacle=$(lab_obstacle)
if [ -z "$obstacle" ]; then
  part lab run_lab "$@"
else
  say 'lab tests: skipped.'
  lab_advice "$obstacle" >&2
  [ "${CI-}" != true ] || failed_parts="$failed_parts lab"
fi

[ -z "$failed_parts" ] || say "Failed:$failed_parts"
# shellcheck disable=SC2086 # a list of names
exec node "$root/tools/sum-results.ts" "$results" $failed_parts
