#!/bin/sh
# Prints apt source lines for a Debian release, taken from this machine's own apt sources, so that whatever mirror
# works here is used. Prints nothing where the machine has no Debian source: mmdebstrap then uses its own default.
# Usage: mirror.sh RELEASE
set -eu
release=$1

debian_sources() {
  # shellcheck disable=SC2016 # apt expands these
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    sed -n 's/^Debian main //p'
}

sources=$(debian_sources)
if [ -z "$sources" ]; then
  # Whose a source is stands in its index, which this machine may not have fetched yet.
  apt-get update -qq >&2 || :
  sources=$(debian_sources)
fi

[ -z "$sources" ] || printf '%s\n' "$sources" | while read -r uri suite; do
  case $suite in
    *-security) suite=$release-security ;;
    *-updates) suite=$release-updates ;;
    *-*) continue ;;
    *) suite=$release ;;
  esac
  echo "deb $uri $suite main"
done | sort -u
