# shellcheck shell=sh
# How `npm test` has vitest run its tests. Needs say.sh, vitest and node on PATH.
: "${root:?}" "${results:?}"

# run_tests PROJECT RUN [vitest flags…]: what it counts goes to RUN.json, errors outside of any test to RUN.stray.
run_tests() {
  project=$1 run=$2
  shift 2
  POSTERN_STRAY_ERRORS=$results/$run.stray \
    vitest run --project "$project" --reporter=default --reporter=json --outputFile.json="$results/$run.json" "$@"
}

# run_lab [vitest flags…]: the lab tests, and once more by itself each file that failed; more than three are no coincidence.
run_lab() {
  run_tests lab lab --passWithNoTests "$@" && return 0
  again=$(node "$root/tools/failed-files.ts" "$results/lab.json" 3)
  [ -n "$again" ] || return 1
  say 'once more, each of these by itself:' "$(printf '%s' "$again" | tr '\n' ' ')"
  rerun_tests "$@" || return 1
  if [ -s "$results/lab.stray" ]; then
    say 'passed when run once more, but the first run had errors outside of any test:' "$(printf '%s' "$again" | tr '\n' ' ')"
    return 1
  fi
  say 'passed only when run once more:' "$(printf '%s' "$again" | tr '\n' ' ')"
}

# rerun_tests [vitest flags…]: $again, with those flags that say which tests of a file are run and how; files it has.
rerun_tests() {
  rest=$#
  while [ "$rest" -gt 0 ]; do
    flag=$1
    shift
    rest=$((rest - 1))
    case $flag in
      -t | --testNamePattern | --testTimeout | --hookTimeout | --retry)
        [ "$rest" -gt 0 ] || break
        set -- "$@" "$flag" "$1"
        shift
        rest=$((rest - 1))
        ;;
      -t?* | --testNamePattern=* | --testTimeout=* | --hookTimeout=* | --retry=* | -u | --update) set -- "$@" "$flag" ;;
    esac
  done
  # shellcheck disable=SC2086 # paths without spaces
  run_tests lab lab-again --maxWorkers=1 "$@" $again
}
