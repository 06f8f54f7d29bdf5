#!/bin/sh
# npm run preview -- [stack] [pulumi flags…]: set-up, then `pulumi preview`. Touches no host.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/lib/stack.sh"
take_stack "$@"
shift "$stack_words"
sh "$root/tools/setup.sh"
ensure_stack
! stack_was_interrupted ||
  say "An earlier run on stack $stack was interrupted: a host may not be what the state says. npm run up -- $stack looks at every host."
state_has_removal_commands || :
exec "$root/node_modules/.bin/pulumi" preview --stack "$stack" "$@"
