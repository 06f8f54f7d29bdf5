# shellcheck shell=sh
# knockd: configured, bound to the right interface, restarted whenever it ends. Sourced by switch.sh; every engine has:
#
#   KNOCK_UNITS    its units: enabled, kept up by the guard, and compared on a sealed host
#   KNOCK_PROGRAMS what it adds to the guard, from host/knock/
#   knock_install  its programs and units, before systemd reads the units
#   knock_switch   in force, after the firewall; the files of the payload are in place
#   knock_retire   out of force, when another engine has taken over

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
KNOCK_UNITS=knockd.service KNOCK_PROGRAMS='sandbox daemon knockd'

# shellcheck source=daemon.sh
. "$AGENT/knock/daemon.sh"

knock_install() {
  install_file 0755 "$AGENT/host/knock-interface" /usr/local/lib/postern/knock-interface
  install_file 0644 "$AGENT/units/knockd.conf" "$UNITS/knockd.service.d/postern.conf"
  install_file 0644 "$AGENT/units/sandbox.conf" "$UNITS/knockd.service.d/postern-sandbox.conf"
}

knock_switch() { daemon_switch knockd.service knockd; }

# The package stays; without the sequences it has nothing to listen for.
knock_retire() {
  systemctl -q disable --now knockd.service 2>/dev/null || :
  rm -f /etc/knockd.conf "$UNITS/knockd.service.d/postern.conf" "$UNITS/knockd.service.d/postern-sandbox.conf"
  [ "$(plan knock)" = fwknop ] || rm -f /usr/local/lib/postern/knock-interface
  rmdir "$UNITS/knockd.service.d" 2>/dev/null || :
}

# knockd's own words, without the lines that could hold a port of the sequence.
knock_words() { journalctl -q -n 5 -o cat -u knockd.service | grep -v sequence; }
