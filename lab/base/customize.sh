#!/bin/sh
# mmdebstrap hook: turns a bare Debian into what a cloud provider's image looks like on first boot, and puts the
# packages that a VPS may install into an apt repository inside it, because lab VPSs have no route out.
# Usage: customize.sh ROOT      (mmdebstrap sets MMDEBSTRAP_APT_CONFIG)
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)
mirror=/srv/mirror

echo 'I: downloading the packages that a VPS may install' >&2
mkdir -p "$root$mirror" "$root/var/cache/apt/archives/partial"
sed 's/#.*//; /^[[:space:]]*$/d' "$here/offered.txt" |
  while read -r transaction; do
    # shellcheck disable=SC2086 # a line is a list of packages
    APT_CONFIG=$MMDEBSTRAP_APT_CONFIG DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
      --download-only --reinstall -o APT::Install-Recommends=true $transaction </dev/null >&2
  done
find "$root/var/cache/apt/archives" -name '*.deb' -exec mv -t "$root$mirror" {} +
(cd "$root$mirror" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release)
rm -rf "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
echo "deb [trusted=yes] file:$mirror ./" >"$root/etc/apt/sources.list"

echo 'I: configuring the image' >&2
cp -RT --remove-destination --no-preserve=mode "$here/files" "$root"
# As DigitalOcean and others ship it: root logs in, passwords are on.
sed -i 's/^#\?PermitRootLogin.*/PermitRootLogin yes/' "$root/etc/ssh/sshd_config"
# A VPS has keys and an identity of its own, made when it is created.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"
rm -f "$root/etc/hostname"

systemctl --root="$root" enable ssh.service rsyslog.service >&2
systemctl --root="$root" disable nftables.service >&2
# Each of these would take apt's lock or the processor at an arbitrary moment, or wants hardware that is not there.
systemctl --root="$root" mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer \
  console-getty.service getty.target systemd-networkd.service systemd-resolved.service \
  systemd-timesyncd.service >&2
