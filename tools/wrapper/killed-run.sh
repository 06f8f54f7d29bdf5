# shellcheck shell=sh
# A run of the engine that is killed leaves its lock, and in the state what it was about to make. The next run says so, and takes
# away what nobody needs any more. Only for folders as backends, on Linux. Sourced by tools/pulumi.sh.
#
#   .postern/runs/STACK.PID   `BOOT SPACE START` of a run: of which boot of the machine, in which namespace of process numbers,
#                             and when its process began. With these a process is known for sure to be gone: a number comes
#                             again, and another machine or container may have the same name, and the same folder.
: "${root:?}"

# after_killed_run "$@": what has to be done before the engine does what this command line asks for.
# shellcheck disable=SC2154 # $command is of stack-config.sh
after_killed_run() {
  [ -r /proc/sys/kernel/random/boot_id ] || return 0
  read_command_line "$@"
  case $command in up | update | refresh | destroy | down | dn | import | watch) ;; *) return 0 ;; esac
  ! changes_nothing "$@" || return 0
  short_stack || return 0
  backend_folder || return 0
  runs=$root/.postern/runs
  locks=$backend/.pulumi/locks/organization/postern/$stack
  IFS= read -r run_boot </proc/sys/kernel/random/boot_id
  run_space=$(readlink /proc/self/ns/pid) || run_space=
  for lock in "$locks"/*.json; do [ ! -f "$lock" ] || judge_lock; done
  forget_runs
  # The engine refuses this run, which may have the number of the process that has the lock in another container.
  for lock in "$locks"/*.json; do [ ! -f "$lock" ] || return 0; done
  process_start $$
  # Who cannot write it down goes on all the same.
  mkdir -p "$runs" 2>/dev/null || :
  { echo "$run_boot $run_space $started" >"$runs/$stack.$$"; } 2>/dev/null || :
  end_pending_creates
}

# changes_nothing "$@": the command line only asks for words.
changes_nothing() {
  for word; do
    case $word in
      -h | --help | --help=true | --preview-only | --preview-only=true) return 0 ;;
      --) return 1 ;;
    esac
  done
  return 1
}

# backend_folder: sets $backend to the folder that is the backend; false where none is.
backend_folder() {
  case ${PULUMI_BACKEND_URL-} in
    *%*) return 1 ;;
    file:///*) backend=${PULUMI_BACKEND_URL#file://} && backend=${backend%%\?*} ;;
    *) return 1 ;;
  esac
}

# process_start PID: sets $started to when the process began, in ticks since boot; empty where there is none.
process_start() {
  started=''
  { IFS= read -r process_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # The name of the program, in parentheses, may hold anything.
  # shellcheck disable=SC2086 # fields
  set -- ${process_stat##*') '}
  # Dead, and nobody has asked how it ended.
  case $1 in Z | X) return 0 ;; esac
  shift 19
  started=$1
}

# word_of KEY: sets $word to a value of the lock, which is one line of JSON.
word_of() {
  case $lock_json in *"\"$1\":"*) ;; *) word='' && return 0 ;; esac
  word=${lock_json#*"\"$1\":"}
  word=${word#'"'}
  word=${word%%[\",\}]*}
}

# judge_lock: says whose $lock is, and takes it away if its holder is known to be dead.
judge_lock() {
  IFS= read -r lock_json <"$lock" || :
  word_of pid && lock_pid=$word
  case $lock_pid in '' | *[!0-9]*) return 0 ;; esac
  word_of hostname && lock_host=$word
  word_of username && lock_holder=$word@$lock_host
  word_of timestamp && lock_since=${word%%.*}
  lock_words="Stack $stack is locked by process $lock_pid of $lock_holder, since ${lock_since%Z}Z"
  IFS= read -r own_host </proc/sys/kernel/hostname
  if [ "$lock_host" != "$own_host" ]; then
    echo "postern: $lock_words. That is another machine: wait until its run has ended; if it was killed: npx pulumi cancel -s $stack" >&2
    return 0
  fi
  held_boot='' held_space='' held_start=''
  [ ! -f "$runs/$stack.$lock_pid" ] || read -r held_boot held_space held_start <"$runs/$stack.$lock_pid" || :
  process_start "$lock_pid"
  # Where processes of others are hidden (hidepid), one that is not seen may be there.
  if [ -r /proc/1/stat ] && [ "$held_boot" = "$run_boot" ] && [ -n "$held_space" ] && [ "$held_space" = "$run_space" ]; then
    if [ "$held_start" = "$started" ]; then
      echo "postern: $lock_words, and that run is under way: wait until it has ended." >&2
    else
      rm -f "$lock" "$lock.attrs"
      echo "postern: $lock_words. That run was killed: its process is gone, and so is its lock now." >&2
    fi
  elif [ -n "$started" ]; then
    echo "postern: $lock_words. A process of that number runs here; if it is no run of Pulumi: npx pulumi cancel -s $stack" >&2
  else
    echo "postern: $lock_words. There is no such process here; if no other machine works in this folder: npx pulumi cancel -s $stack" >&2
  fi
}

# forget_runs: what is remembered of runs of this stack that have ended, but for those whose lock is still there.
forget_runs() {
  for run in "$runs/$stack".*; do
    run_pid=${run#"$runs/$stack."}
    case $run_pid in *[!0-9]*) continue ;; esac
    [ ! -d "/proc/$run_pid" ] || continue
    grep -qs "\"pid\":$run_pid," "$locks"/*.json || rm -f "$run"
  done
}

# end_pending_creates: a run that was killed while it made something warns of that for ever. Where it was nothing that costs
# money or that is found again by its name, it is made anew by the next `up`, and nobody has to be warned.
# shellcheck disable=SC2154 # $engine is the caller's
end_pending_creates() {
  case $command in up | update | destroy | down | dn) ;; *) return 0 ;; esac
  state_file=$backend/.pulumi/stacks/postern/$stack.json
  [ -f "$state_file" ] && grep -q '"type": *"creating"' "$state_file" || return 0
  stack_urn=$(node "$root/tools/wrapper/pending-creates.ts" "$state_file") && [ -n "$stack_urn" ] || return 0
  echo "postern: An earlier run on stack $stack was killed while it made something; what is missing is made anew." >&2
  ending_said=$("$engine" refresh --yes --skip-preview --non-interactive --suppress-outputs --stack "$stack" \
    --clear-pending-creates --target "$stack_urn" 2>&1) || printf '%s\n' "$ending_said" >&2
}
