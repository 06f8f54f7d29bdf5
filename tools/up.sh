#!/bin/sh
# npm run up -- [stack] [pulumi flags…]: set-up, `pulumi up`, and a table of what became of each host, also if it
# failed. Ends with Pulumi's exit code.
# Pulumi shows its preview and asks, as it always does, with two exceptions: a stack of nothing but lab VPSs has nothing to
# lose, so it goes ahead at once; and where nobody can answer (no terminal, CI) the answer is yes.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/lib/stack.sh"
take_stack "$@"
shift "$stack_words"
require_lab_where_used
sh "$root/tools/setup.sh"

if stack_is_lab; then
  set -- --yes --skip-preview "$@"
elif ! somebody_can_answer; then
  set -- --yes "$@"
fi
ensure_stack
if stack_was_interrupted; then
  say "An earlier run on stack $stack was interrupted. This one looks at every host before it decides (--refresh)."
  set -- --refresh "$@"
fi
# A host that is down is found out then, and must not keep the others from what is due there.
case " $* " in *' --refresh '* | *' -r '*) set -- --continue-on-error "$@" ;; esac
# Where output is kept and not watched, its dots are lines.
[ -t 1 ] || set -- --suppress-progress "$@"
begun=$(date -u +%Y-%m-%dT%H:%M:%SZ)
state_has_removal_commands || :
code=0
"$root/node_modules/.bin/pulumi" up --stack "$stack" "$@" || code=$?
if ! has_own_backend && tell_empty_state; then exit 1; fi
# The engine registers no outputs after a failure. Nothing is changed by this: each host is as its own resource remembers it.
[ "$code" -eq 0 ] || "$root/node_modules/.bin/pulumi" up --stack "$stack" --yes --skip-preview \
  --target "urn:pulumi:${stack##*/}::postern::pulumi:pulumi:Stack::postern-${stack##*/}" >/dev/null 2>&1 </dev/null || :
select_first_stack || :
if [ -f "$root/cli/main.ts" ]; then
  "$root/node_modules/.bin/node" "$root/cli/main.ts" summary --stack "$stack" --since "$begun" ||
    { said=$? && [ "$code" -ne 0 ] || code=$said; }
fi
exit "$code"
