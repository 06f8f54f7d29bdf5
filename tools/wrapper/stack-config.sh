# shellcheck shell=sh
# Keeps the local backend's encryption salt out of stacks/Pulumi.<stack>.yaml, which git tracks.
# Pulumi writes `encryptionsalt` into a stack's configuration (and reformats that file). The salt belongs to the local backend,
# so it lives beside it; commands that read a stack's configuration get a copy of the file with the salt at its end, made
# anew each time. `pulumi config …` works on the file itself. See docs/decisions/0012-salt-stays-with-the-local-backend.md.
: "${root:?}"

use_local_salt() {
  # Where a salt is needed after all (pulumi config set --secret), it is the one of the state.
  : "${PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true}"
  export PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER
  read_command_line "$@"
  case $command in
    up | update | preview | pre | refresh | destroy | down | dn | import | watch | logs) ;;
    *) return 0 ;;
  esac
  [ "$explicit_config" = no ] && [ -z "${PULUMI_OPTION_CONFIG_FILE-}" ] || return 0
  short_stack || return 0
  committed=$root/stacks/Pulumi.$stack.yaml
  [ -f "$committed" ] || return 0
  ! tell_empty_state || exit 1
  # A file that says how its secrets are kept is used as it is.
  for key in encryptionsalt secretsprovider encryptedkey; do
    file_mentions "$committed" "$key:*" || continue
    stack_is_known || sh "$root/tools/wrapper/create-stack.sh" "$stack" own || exit 1
    return 0
  done
  stack_is_known || sh "$root/tools/wrapper/create-stack.sh" "$stack" || exit 1
  salted_copy
}

# read_command_line "$@": sets $command (the first word), $stack (-s, --stack) and $explicit_config (yes where the command
# line itself names or changes the configuration: then the engine works on the file that it would anywhere else).
read_command_line() {
  command='' stack=${PULUMI_OPTION_STACK-} explicit_config=no
  while [ "$#" -gt 0 ]; do
    case $1 in
      --) break ;;
      -s | -ys | -fs | -yfs | --stack) stack=${2-} && takes_value "$@" && shift ;;
      --stack=*) stack=${1#*=} ;;
      -s?*) stack=${1#-s} && stack=${stack#=} ;;
      -c | -c?* | --config | --config=* | --config-file | --config-file=* | -C | -C?* | --cwd | --cwd=*) explicit_config=yes ;;
      --color | -v | --verbose | --tracing | --otel-traces | --profiling | --memprofilerate) takes_value "$@" && shift ;;
      -*) ;;
      *) [ -n "$command" ] || command=$1 ;;
    esac
    [ "$#" -eq 0 ] || shift
  done
}

# short_stack: makes $stack the short name of the stack that the command line means; false if it means none.
short_stack() {
  [ -n "$stack" ] || { selected_stack && stack=$selected; }
  stack=${stack##*/}
  case $stack in '' | *[!A-Za-z0-9._-]*) return 1 ;; esac
}

takes_value() { [ "$#" -gt 1 ]; }

# selected_stack: sets $selected to the stack of PULUMI_STACK or of `pulumi stack select`, which Pulumi keeps by the hash of the
# project's path as the working directory has it (symbolic links unresolved); empty where there is none.
selected_stack() {
  selected=${PULUMI_STACK-}
  [ -z "$selected" ] || return 0
  project=$PWD
  while [ -n "$project" ] && [ ! -f "$project/Pulumi.yaml" ]; do project=${project%/*}; done
  hash=$(printf %s "$project/Pulumi.yaml" | { sha1sum 2>/dev/null || shasum; })
  selection=${PULUMI_HOME:-${HOME-}/.pulumi}/workspaces/postern-${hash%% *}-workspace.json
  [ -f "$selection" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *'"stack": "'*) selected=${line#*'"stack": "'} && selected=${selected%%'"'*} ;; esac
  done <"$selection"
}

# stack_is_known: whether the local backend has the stack (plain or compressed).
stack_is_known() {
  for known in "$root/.postern/state/.pulumi/stacks/postern/$stack".json*; do
    case $known in *.json | *.json.gz | *.json.zst) [ ! -f "$known" ] || return 0 ;; esac
  done
  return 1
}

# salted_copy: the salt goes to the end, so that line numbers in the engine's messages are those of the file.
salted_copy() {
  salt=''
  if [ -f "$root/.postern/stacks/Pulumi.$stack.yaml" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in encryptionsalt:*) salt=$line ;; esac
    done <"$root/.postern/stacks/Pulumi.$stack.yaml"
  fi
  [ -n "$salt" ] || return 0
  copy=$root/.postern/stacks/salted/Pulumi.$stack.yaml
  [ -d "${copy%/*}" ] || mkdir -p "${copy%/*}"
  { cat "$committed" && printf '\n%s\n' "$salt"; } >"$copy.$$"
  mv -f "$copy.$$" "$copy"
  PULUMI_OPTION_CONFIG_FILE=$copy
  export PULUMI_OPTION_CONFIG_FILE
}
