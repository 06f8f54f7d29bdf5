# shellcheck shell=sh
# The npm packages, exactly as package-lock.json has them.
: "${root:?}"

# node_modules/.postern-lockfile is the lockfile that was installed; link-pulumi.sh writes it at the end of an installation.
modules_ready() { cmp -s "$root/package-lock.json" "$root/node_modules/.postern-lockfile"; }

setup_modules() {
  modules_ready && return 0
  command -v npm >/dev/null 2>&1 || die 'npm is missing' 'Install Node.js >= 20 with npm, then try again.'
  step modules 'npm packages' modules_install ||
    die 'the npm packages could not be installed' \
      "npm's own words are above, and whole in .postern/log/modules.log. Is the npm registry reachable?"
  sh "$root/tools/setup/link-pulumi.sh"
}

# No package here needs an install script; that of @pulumi/command would look for an engine before there is one.
modules_install() { cd "$root" && npm ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund; }
