#!/bin/sh
# apt.sh STATUS-FILE PACKAGE…: brings the lists up to date and installs, removing nothing; writes apt's exit code.
set -u
status_file=$1
shift
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l LC_ALL=C
rm -f "$status_file"
# A fresh cloud host is often still busy with its own first upgrade: wait for the locks, but not for ever.
wait='-o DPkg::Lock::Timeout=120 -o APT::Update::Error-Mode=any'
# shellcheck disable=SC2086
apt-get $wait -q update || update_failed=$?
# --no-remove: ufw and iptables-persistent displace each other, and apt would remove a firewall without a word.
# shellcheck disable=SC2086
apt-get $wait -q -y --no-install-recommends --no-remove -o Dpkg::Options::=--force-confold install "$@"
code=$?
# With lists that could not be renewed the installation may still have worked; only its failure counts.
[ "$code" -eq 0 ] || [ -z "${update_failed:-}" ] || echo "E: the package lists could not be renewed either (exit code $update_failed)"
printf '%s\n' "$code" >"$status_file.next"
mv "$status_file.next" "$status_file"
