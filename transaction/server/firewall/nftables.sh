# shellcheck shell=sh
# nftables without a manager. Sourced by agent.sh; ufw.sh says what every backend has.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
FIREWALL_PROGRAMS='closed closed-table nftables' FIREWALL_UNITS='' FIREWALL_LOADERS='postern-firewall.service postern-closed.service' FIREWALL_NEEDS=''

firewall_install() {
  install_file 0644 "$AGENT/units/nftables.conf" "$UNITS/nftables.service.d/postern.conf"
}

firewall_switch() {
  rules_load || fail 'nft refuses the rules'
  systemctl -q --no-block start postern-firewall.service
  # Read back from the kernel.
  nft list chain inet postern input | grep -q 'hook input .*policy drop' || fail 'nftables does not drop incoming packets although it took the rules'
}

firewall_retire() {
  # firewalld has the same table's name for its own, and has loaded it.
  [ "$(plan firewall)" = firewalld ] || { nft delete table inet postern 2>/dev/null || :; rm -f /etc/postern/firewall.nft; }
  rm -f "$UNITS/nftables.service.d/postern.conf"
  rmdir "$UNITS/nftables.service.d" 2>/dev/null || :
  # Its lines call what the program of the new firewall does not have.
  reload_systemd
}

firewall_rules() {
  # Terse: without who knocked.
  printf 'rules nft %s\n' "$(nft -s -t list table inet postern | sha256sum | cut -d' ' -f1)"
}
