#!/bin/sh
# Puts what an upgrade of a lab host to another Debian release needs into an apt repository inside it, /srv/next, as a
# lab host has no route out; and makes that the host's only source.
# Usage: next-release.sh HOSTDIR RELEASE
set -eu
host=$1 release=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$host/root
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
"$here/../../lab/base/mirror.sh" "$release" >"$work/sources.list"
# What the host's own apt would find, with this machine's way to the mirror.
elsewhere() {
  apt-get -q -y -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$work/state" -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache="$work/cache" \
    -o DPkg::Pre-Install-Pkgs::= -o APT::Sandbox::User=root "$@"
}
elsewhere update >&2
elsewhere --download-only dist-upgrade >&2
rm -rf "$root/srv/next"
mkdir -p "$root/srv/next"
find "$work/cache/archives" -maxdepth 1 -name '*.deb' -exec mv -t "$root/srv/next" {} +
(cd "$root/srv/next" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release)
echo 'deb [trusted=yes] file:/srv/next ./' >"$root/etc/apt/sources.list"
