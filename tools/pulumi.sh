#!/bin/sh
# `npx pulumi …` in this project. Set-up links node_modules/.bin/pulumi here. It starts the engine that set-up found, with the
# project's Node.js, and with a local backend where the user has none; then it is the engine and nothing else (exec).
# What you set in the environment stays as you set it. docs/decisions/0011 and 0012 say why.
set -eu
self=$(readlink -f -- "$0")
root=${self%/tools/pulumi.sh}

engine=''
[ ! -f "$root/.postern/engine" ] || IFS= read -r engine <"$root/.postern/engine" || :
if [ ! -x "$engine" ]; then
  echo 'postern: there is no Pulumi engine yet. Run npm run setup first.' >&2
  exit 1
fi

# The engine looks on PATH for node and for the language host, which lies beside it.
PATH=$root/node_modules/.bin:${engine%/*}:$PATH
: "${PULUMI_SKIP_UPDATE_CHECK=1}"
# Compiled JavaScript is kept: it takes 0.7 s off each run of program and plugin.
: "${NODE_COMPILE_CACHE=$root/.postern/cache/node}"
# Of two hosts the outputs are 600 lines, printed after every run and below every error; `stack output` prints them when asked.
: "${PULUMI_OPTION_SUPPRESS_OUTPUTS=true}"
export PATH PULUMI_SKIP_UPDATE_CHECK NODE_COMPILE_CACHE PULUMI_OPTION_SUPPRESS_OUTPUTS

. "$root/tools/wrapper/backend.sh"
. "$root/tools/wrapper/stack-config.sh"
. "$root/tools/wrapper/killed-run.sh"
if ! has_own_backend; then
  # The state names hosts, ports and addresses in plain text: it is its owner's alone.
  umask 077
  use_local_backend
  . "$root/tools/wrapper/empty-state.sh"
  use_local_salt "$@"
fi
after_killed_run "$@"
exec "$engine" "$@"
