# shellcheck shell=sh
# knockd: configured, bound to the right interface, restarted whenever it ends. Sourced by switch.sh.

knock_switch() {
  install_file 0600 "$PAYLOAD/files/knockd.conf" /etc/knockd.conf
  install_file 0644 "$PAYLOAD/files/knockd.default" "$(plan knockd_default)"
  [ ! -e /run/systemd/system/knockd.service ] || systemctl -q unmask --runtime knockd.service 2>/dev/null || :
  systemctl -q --no-reload enable knockd.service 2>/dev/null
  systemctl restart knockd.service || fail "knockd does not start: $(knock_words)"
  tries=0
  # Started is not listening: its packet socket shows that it is.
  until ss -H0p 2>/dev/null | grep -q '"knockd"'; do
    tries=$((tries + 1))
    [ "$tries" -lt 250 ] || fail "knockd does not listen after 5 s: $(knock_words)"
    sleep 0.02
  done
}

# knockd's own words, without the lines that could hold a port of the sequence.
knock_words() { journalctl -q -n 5 -o cat -u knockd.service | grep -v sequence; }
