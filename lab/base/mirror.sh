#!/bin/sh
# Prints apt source lines for a Debian release, taken from this machine's own apt sources, so that whatever mirror
# works here is used. Prints nothing where the machine has no Debian source: mmdebstrap then uses its own default.
# Usage: mirror.sh RELEASE
set -eu
release=$1

# shellcheck disable=SC2016 # apt expands these
apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  while read -r origin uri suite component; do
    case $origin:$component in Debian:main) ;; *) continue ;; esac
    case $suite in
      *-security) suite=$release-security ;;
      *-updates) suite=$release-updates ;;
      *-*) continue ;;
      *) suite=$release ;;
    esac
    echo "deb $uri $suite main"
  done | sort -u
