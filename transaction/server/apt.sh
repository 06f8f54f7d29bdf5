#!/bin/sh
# apt.sh STATUS-FILE PACKAGE…: brings the lists up to date and installs, removing nothing; writes apt's exit code. Waits for
# others who hold apt's or dpkg's locks for as long as $PACKAGES_SECONDS says (600).
#
# Told that systemd is offline, as in an image that is being built, the packages neither start their daemons nor have
# systemd read its units again and again. A daemon must not run on its packaged example configuration: knockd's opens the
# door for 7000,8000,9000; firewalld's shuts every port but 22, the backup door's among them. The switch starts them.
set -u
# shellcheck source=host/systemd.sh
. "${0%/*}/host/systemd.sh"
# shellcheck source=dpkg/files.sh
. "${0%/*}/dpkg/files.sh"
# shellcheck source=dpkg/repair.sh
. "${0%/*}/dpkg/repair.sh"
status_file=$1
shift
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 LC_ALL=C
rm -f "$status_file"
read -r begin _ </proc/uptime
# The rest is for the installation itself.
end=$((${begin%%.*} + ${PACKAGES_SECONDS:-600} * 3 / 4))

# apt_get OPTION…: apt-get, again and again while others hold its locks: a fresh cloud host is often still busy with its own
# first upgrade. apt itself waits for dpkg's lock alone, not for those of its lists and its archives.
apt_get() {
  while :; do
    read -r now _ </proc/uptime
    left=$((end - ${now%%.*}))
    [ "$left" -gt 0 ] || left=0
    apt_code=0
    SYSTEMD_OFFLINE=1 apt-get -o DPkg::Lock::Timeout="$left" -o APT::Update::Error-Mode=any -q "$@" >"$status_file.said" 2>&1 || apt_code=$?
    cat "$status_file.said"
    [ "$apt_code" -ne 0 ] && [ "$left" -gt 0 ] || return "$apt_code"
    grep -q '^E: \(Could not get lock\|Unable to lock\|Unable to acquire\)' "$status_file.said" || return "$apt_code"
    sleep 2
  done
}

apt_get update || update_failed=$?
# --no-remove: ufw and iptables-persistent displace each other, and apt would remove a firewall without a word.
apt_safely='-y --no-install-recommends --no-remove -o Dpkg::Options::=--force-confold'
code=0
# shellcheck disable=SC2086
{ dpkg_finish && apt_get $apt_safely install "$@" && dpkg_refill "$@"; } || code=$?
rm -f "$status_file.said"
# Its package enables it, as those of the other daemons don't; the switch does where it is wanted. Here, because where the
# change was rolled back meanwhile nobody else would take that back before the next boot.
case " $* " in *' firewalld '*) SYSTEMCTL_SKIP_SYSV=1 systemctl -q disable firewalld.service 2>/dev/null || : ;; esac
# The daemons of others that a package has something to say to: ufw's log has a file of its own, and firewalld may only
# be called once D-Bus has read that it may.
systemctl -q --no-block try-restart rsyslog.service
case " $* " in *' firewalld '*) systemctl -q reload dbus.service || : ;; esac
# With lists that could not be renewed the installation may still have worked; only its failure counts.
[ "$code" -eq 0 ] || [ -z "${update_failed:-}" ] || echo "E: the package lists could not be renewed either (exit code $update_failed)"
printf '%s\n' "$code" >"$status_file.next"
mv "$status_file.next" "$status_file"
