#!/bin/sh
# Makes node_modules/.bin/pulumi Postern's own (tools/pulumi.sh), so that a literal `npx pulumi …` finds engine, Node.js and
# backend by itself. npm runs this after each installation ("postinstall"); its wrapper stays at node_modules/pulumi/run.js.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
mkdir -p "$root/node_modules/.bin"
ln -sfn ../../tools/pulumi.sh "$root/node_modules/.bin/pulumi"

# What was installed. A partial installation (npm's --omit) is left to the set-up to complete.
if [ -z "${npm_config_omit-}" ] && [ -d "$root/node_modules/.bin" ]; then
  cp "$root/package-lock.json" "$root/node_modules/.postern-lockfile.$$"
  mv -f "$root/node_modules/.postern-lockfile.$$" "$root/node_modules/.postern-lockfile"
fi
