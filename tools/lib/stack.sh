# shellcheck shell=sh
# What `npm run up|preview|down -- [stack] [pulumi flags…]` have in common.
: "${root:?}"
. "$root/tools/lib/say.sh"
. "$root/tools/lib/lab-support.sh"
. "$root/tools/wrapper/backend.sh"
. "$root/tools/wrapper/empty-state.sh"
. "$root/tools/wrapper/stack-config.sh"

# shellcheck disable=SC2034 # $stack_words is for the callers
# take_stack "$@": sets $stack (first word, "devnet" where there is none) and $stack_words (how many words it took).
take_stack() {
  stack=devnet stack_words=0
  case ${1-} in
    '' | -*) ;;
    *) stack=$1 stack_words=1 ;;
  esac
  case $stack in
    *[!A-Za-z0-9._/-]* | .* | */.*) die "'$stack' is not a stack name" "A stack is called like its file: stacks/Pulumi.<stack>.yaml." ;;
  esac
  stack_file=$root/stacks/Pulumi.${stack##*/}.yaml
  [ -f "$stack_file" ] || die "there is no stack '$stack': stacks/Pulumi.${stack##*/}.yaml does not exist" \
    "There are:$(stack_names). Write that file, or name one of these."
}

stack_names() {
  for stack_each in "$root"/stacks/Pulumi.*.yaml; do
    stack_each=${stack_each##*/Pulumi.}
    printf ' %s' "${stack_each%.yaml}"
  done
}

# stack_is_lab: whether every host of the stack is a lab VPS. On doubt it is not: any mention of another target counts.
stack_is_lab() { ! sed 's/#.*//' "$stack_file" | grep -Eq 'existing|digitalocean'; }

# export_state: sets $stack_state to the stack's state, as the engine knows it; asked once. Empty where there is none.
export_state() {
  [ -z "${stack_state+set}" ] || return 0
  stack_state=$("$root/node_modules/.bin/pulumi" stack export --stack "$stack" 2>/dev/null) || :
}

# state_has_removal_commands: whether a task on a host has a command for its removal, whatever the configuration says by now.
# The program is told, so that it has the hooks for it where that was a host's last task.
state_has_removal_commands() {
  stack_state_file=$root/.postern/state/.pulumi/stacks/postern/${stack##*/}.json
  if ! has_own_backend && [ -f "$stack_state_file" ]; then
    grep -q '"BeforeDelete"' "$stack_state_file" || return 1
  else
    stack_exists || return 1
    export_state
    case $stack_state in *'"BeforeDelete"'*) ;; *) return 1 ;; esac
  fi
  export POSTERN_REMOVES_TASKS=yes
}

# require_lab_where_used: a stack of lab VPSs on a machine that cannot host them ends here.
require_lab_where_used() {
  stack_obstacle=$(lab_obstacle)
  [ -n "$stack_obstacle" ] && stack_is_lab || return 0
  lab_advice "$stack_obstacle" >&2
  die "stack '$stack' consists of lab VPSs"
}

somebody_can_answer() { [ -t 0 ] && [ -t 1 ] && [ -z "${CI-}" ]; }

# stack_exists: false only where the local backend is in use and has no such stack; another backend is asked by Pulumi.
stack_exists() { has_own_backend || stack_is_known; }

# ensure_stack: creates the stack in the user's own backend if it is missing there. In the local one tools/pulumi.sh does it.
ensure_stack() {
  has_own_backend || return 0
  stack_said=$("$root/node_modules/.bin/pulumi" stack init --no-select --non-interactive "$stack" 2>&1) && return 0
  case $stack_said in
    *'already exists'*) ;;
    *) die "stack '$stack' could not be created in your backend" "$stack_said" ;;
  esac
}

# stack_was_interrupted: whether the engine was stopped while it changed or removed something, as the user's own backend knows it.
# On the machine itself the plugin has marked the host; where another machine's run ended so, only the state tells.
stack_was_interrupted() {
  has_own_backend || return 1
  export_state
  printf '%s\n' "$stack_state" | grep -Eq '"type": *"(deleting|updating)"'
}

# select_first_stack: where no stack is selected yet, this one is, so that plain `npx pulumi stack output` finds it.
select_first_stack() {
  selected_stack
  [ -n "$selected" ] || "$root/node_modules/.bin/pulumi" stack select "$stack"
}
