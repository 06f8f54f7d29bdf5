# shellcheck shell=sh
# fwknopd. Installed behind daemon.sh.

# shellcheck disable=SC2034 # read by host/guard.sh
KNOCK_DAEMON=fwknop-server.service

# From Debian 13 on its packets would have to pass the firewall first, which drops them.
package_fits() {
  # shellcheck disable=SC2034 # read by host/guard.sh
  unfit='is built without libpcap and hears no packet that the firewall drops; knock.engine knockd or kernel works with it'
  [ "$1" != fwknop-server ] || dpkg-deb -f "$2" Depends | grep -q libpcap
}
