#!/bin/sh
# create-stack.sh STACK: creates a stack in the local backend without touching stacks/Pulumi.STACK.yaml.
# `pulumi stack init` writes the new stack's salt into the project's configuration; so it runs in a project aside of the same
# name, .postern/stacks, and the salt stays there. Called by tools/pulumi.sh, which has set the environment.
set -eu
stack=$1
self=$(readlink -f -- "$0")
root=${self%/tools/shim/create-stack.sh}
: "${PULUMI_BACKEND_URL:?}"
IFS= read -r engine <"$root/.postern/engine"

mkdir -p "$root/.postern/stacks"
printf 'name: postern\nruntime: nodejs\n' >"$root/.postern/stacks/Pulumi.yaml"
said=$(unset PULUMI_STACK PULUMI_OPTION_STACK && cd "$root/.postern/stacks" &&
  "$engine" stack init --no-select --non-interactive --stack "$stack" 2>&1) && exit 0
case $said in
  *'already exists'*) exit 0 ;; # another command was first
esac
printf 'postern: the stack %s could not be created in the local backend:\n%s\n' "$stack" "$said" >&2
exit 1
