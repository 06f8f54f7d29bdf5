# shellcheck shell=sh
# fwknopd: configured, bound to the right interface, restarted whenever it ends. Sourced by switch.sh and inspect.sh;
# knockd.sh says what every engine has.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
KNOCK_UNITS=fwknop-server.service KNOCK_PROGRAMS='sandbox daemon fwknop'

# shellcheck source=daemon.sh
. "$AGENT/knock/daemon.sh"

knock_install() {
  install_file 0755 "$AGENT/host/knock-interface" /usr/local/lib/postern/knock-interface
  install_file 0755 "$AGENT/host/spa-door" /usr/local/lib/postern/spa-door
  install_file 0644 "$AGENT/units/fwknop.conf" "$UNITS/fwknop-server.service.d/postern.conf"
  install_file 0644 "$AGENT/units/sandbox.conf" "$UNITS/fwknop-server.service.d/postern-sandbox.conf"
}

knock_switch() { daemon_switch fwknop-server.service fwknopd; }

# The package stays; without keys it has nothing to open for.
knock_retire() {
  systemctl -q disable --now fwknop-server.service 2>/dev/null || :
  rm -f /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf /usr/local/lib/postern/spa-door \
    "$UNITS/fwknop-server.service.d/postern.conf" "$UNITS/fwknop-server.service.d/postern-sandbox.conf"
  [ "$(plan knock)" = knockd ] || rm -f /usr/local/lib/postern/knock-interface
  rmdir "$UNITS/fwknop-server.service.d" 2>/dev/null || :
}

# fwknopd's own words, without the lines that name its port or what a packet held.
knock_words() { journalctl -q -n 8 -o cat -u fwknop-server.service | grep -v -i 'filter\|port\|key\|data'; }
