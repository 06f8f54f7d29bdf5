#!/bin/sh
# Makes this machine ready, each thing once: npm packages, Node.js, a Pulumi engine, local state, and for the lab Debian
# packages and the base image. Silent and quick where everything is there.
#   setup.sh            everything
#   setup.sh --tests    also what only the tests need (shellcheck)
#   setup.sh --modules  only the npm packages and Node.js
#   setup.sh --report   everything, and says at the end what there is
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck disable=SC2034 # read by setup/engine*.sh
home=${PULUMI_HOME:-$HOME/.pulumi}
mode=${1-}

for part in lib/say lib/version lib/step lib/lock lib/lab-support setup/modules setup/node setup/state setup/engine \
  setup/packages setup/operator-key setup/lab-image; do
  # shellcheck source=/dev/null
  . "$root/tools/$part.sh"
done

hold_lock "$root/.postern/setup.lock" 'works in this folder'
setup_modules
setup_node
[ "$mode" != --modules ] || exit 0

setup_state
setup_engine
obstacle=$(lab_obstacle)
if [ -z "$obstacle" ]; then
  if [ "$mode" = --tests ]; then setup_packages shellcheck; else setup_packages; fi
  setup_lab_image
fi
setup_operator_key

if [ "$mode" = --report ]; then
  read -r engine <"$root/.postern/engine"
  say "Ready. Node.js $(node --version), Pulumi $("$engine" version) at $engine."
  if [ -n "$obstacle" ]; then lab_advice "$obstacle" >&2; else say 'Lab VPSs can be booted here.'; fi
fi
