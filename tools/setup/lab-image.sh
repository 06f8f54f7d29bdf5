# shellcheck shell=sh
# The lab's base image; lab/ knows how to make it and whether it is there.
: "${root:?}"

setup_lab_image() {
  [ -f "$root/lab/base-cli.ts" ] || return 0
  NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/.postern/cache/node}" node "$root/lab/base-cli.ts" >&2 9>&- ||
    die "the lab's base image could not be built" \
      'What failed is above. The Debian mirror of this machine must be reachable, and a few GB of disk free.'
}
