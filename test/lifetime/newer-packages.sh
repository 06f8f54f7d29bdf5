#!/bin/sh
# Has unattended-upgrades install a newer build of some packages, on the host itself: the same files under a higher
# version. Fails if it does not.
# Usage: newer-packages.sh PACKAGE…
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get -q update
apt-get -q -y install unattended-upgrades
rm -rf /srv/newer
mkdir -p /srv/newer
for name in "$@"; do
  version=$(dpkg-query -W -f '${Version}' "$name")
  set -- "$name" /srv/mirror/"${name}"_*.deb
  dpkg-deb -R "$2" /srv/newer/unpacked
  sed -i "s/^Version: .*/Version: $version+newer/" /srv/newer/unpacked/DEBIAN/control
  dpkg-deb -b /srv/newer/unpacked "/srv/newer/$name.deb" >/dev/null
  rm -rf /srv/newer/unpacked
  {
    dpkg-deb -f "/srv/newer/$name.deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$name.deb" "$(stat -c %s "/srv/newer/$name.deb")" \
      "$(sha256sum "/srv/newer/$name.deb" | cut -d' ' -f1)"
  } >>/srv/newer/Packages
  echo "$name" >>/srv/newer/names
done
echo 'deb [trusted=yes] file:/srv/newer ./' >/etc/apt/sources.list.d/newer.list
echo 'Unattended-Upgrade::Origins-Pattern { "origin=*"; };' >/etc/apt/apt.conf.d/99newer
apt-get -q update
unattended-upgrade -v
while read -r name; do
  case $(dpkg-query -W -f '${Version} ${Status}' "$name") in
    *'+newer install ok installed') ;;
    *)
      echo "unattended-upgrade did not install the newer $name" >&2
      exit 1
      ;;
  esac
done </srv/newer/names
rm /etc/apt/sources.list.d/newer.list /etc/apt/apt.conf.d/99newer
