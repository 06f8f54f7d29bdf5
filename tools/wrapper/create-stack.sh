#!/bin/sh
# create-stack.sh STACK [own]: creates a stack in the local backend without touching stacks/Pulumi.STACK.yaml.
# `pulumi stack init` writes the new stack's salt into the project's configuration; so it runs in a project aside of the same
# name, .postern/stacks, and the salt stays there. With `own` the stack's file says how its secrets are kept (a second machine,
# a lost state), and the new stack keeps them so. Called by tools/pulumi.sh, which has set the environment.
set -eu
stack=$1
self=$(readlink -f -- "$0")
root=${self%/tools/wrapper/create-stack.sh}
: "${PULUMI_BACKEND_URL:?}"
IFS= read -r engine <"$root/.postern/engine"

project=$root
if [ "${2-}" != own ]; then
  project=$root/.postern/stacks
  mkdir -p "$project"
  printf 'name: postern\nruntime: nodejs\n' >"$project/Pulumi.yaml"
fi
said=$(unset PULUMI_STACK PULUMI_OPTION_STACK && cd "$project" &&
  "$engine" stack init --no-select --non-interactive --stack "$stack" 2>&1) && exit 0
case $said in
  *'already exists'*) exit 0 ;; # another command was first
esac
printf 'postern: the stack %s could not be created in the local backend:\n%s\n' "$stack" "$said" >&2
case $said in
  *passphrase*)
    printf '%s\n' "Its file, stacks/Pulumi.$stack.yaml, was encrypted with another passphrase than this machine has." \
      'Copy .postern/passphrase from the machine that wrote it, or set PULUMI_CONFIG_PASSPHRASE.' >&2
    ;;
esac
exit 1
