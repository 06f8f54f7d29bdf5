#!/bin/sh
# npm run down -- [stack] [pulumi flags…]: `pulumi destroy`, then `pulumi stack rm`; stacks/Pulumi.<stack>.yaml stays.
# A stack of nothing but lab VPSs goes without a question; for any other Pulumi asks, or wants --yes where nobody can answer.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/lib/stack.sh"
take_stack "$@"
shift "$stack_words"
require_lab_where_used
sh "$root/tools/setup.sh"

whole=yes
for flag in "$@"; do
  case $flag in -t | --target | --target=* | --exclude | --exclude=* | --exclude-protected | --preview-only) whole=no ;; esac
done
# Removal hooks knock before such a command, and Pulumi has them only while the program runs.
if state_has_removal_commands; then set -- --run-program "$@"; fi
if stack_is_lab && [ "$whole" = yes ]; then set -- --yes --skip-preview "$@"; fi

if stack_exists; then
  stack_is_lab || say 'Destroying restores existing hosts as they were before their first change: their sshd answers everybody again, without a knock. Droplets are deleted.'
  "$root/node_modules/.bin/pulumi" destroy --stack "$stack" "$@"
  [ "$whole" = yes ] || exit 0
  "$root/node_modules/.bin/pulumi" stack rm --yes --preserve-config "$stack"
else
  say "There is no stack $stack in the local backend: nothing to destroy."
fi
# A host that an interrupted `up` booted and Pulumi never heard of is the lab's to remove.
if stack_is_lab && [ -f "$root/cli/main.ts" ]; then
  "$root/node_modules/.bin/node" "$root/cli/main.ts" lab down --stack "$stack"
fi
