# shellcheck shell=sh
# Debian packages: those of the lab (lab/packages.txt) and, for the tests, shellcheck.
: "${root:?}"

# setup_packages [EXTRA…]: installs what is missing. Only apt's package lists name what is needed; nothing is upgraded.
setup_packages() {
  # shellcheck disable=SC2046 # a list of package names
  [ ! -f "$root/lab/packages.txt" ] || set -- "$@" $(sed 's/#.*//' "$root/lab/packages.txt")
  # shellcheck disable=SC2016 # dpkg-query's own fields
  packages_have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' -- "$@" 2>/dev/null) || :
  packages_missing=''
  for packages_each in "$@"; do
    case "
$packages_have
" in *"
$packages_each installed
"*) ;; *) packages_missing="$packages_missing $packages_each" ;; esac
  done
  [ -n "$packages_missing" ] || return 0
  # shellcheck disable=SC2086 # a list of package names
  step packages "Debian packages:$packages_missing" packages_install $packages_missing ||
    die "these Debian packages could not be installed:$packages_missing" \
      "Install them yourself (apt-get install$packages_missing) and try again."
}

# apt waits for dpkg's lock by itself, but gives up at once on that of the package lists: so a bounded number of tries.
packages_install() {
  packages_try=0
  until apt-get update -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3; do
    packages_try=$((packages_try + 1))
    [ "$packages_try" -lt 12 ] || break
    sleep 5
  done
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}
