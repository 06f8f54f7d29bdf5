# shellcheck shell=sh
# firewalld. Sourced by agent.sh; ufw.sh says what every backend has.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
FIREWALL_PROGRAMS='closed closed-table nftables firewalld' FIREWALL_UNITS='firewalld.service' FIREWALL_LOADERS='postern-firewall.service postern-closed.service' FIREWALL_NEEDS=dbus.socket

firewall_install() {
  install_file 0644 "$AGENT/units/firewalld.conf" "$UNITS/firewalld.service.d/postern.conf"
}

firewall_switch() {
  zone=$(plan firewalld_zone)
  printf '%s\n' "$zone" >"$TXN/firewalld.zone"
  install_file 0644 "$TXN/firewalld.zone" /etc/postern/firewalld.zone
  # The sealed copy first, until firewalld's rules are in force: nobody new gets in who did not knock, whatever the zone
  # says, and to no other port either.
  [ -e /run/postern/fallback ] || closed_load || fail 'nft refuses the rules'
  install_file 0644 /etc/postern/zone.xml "/etc/firewalld/zones/$zone.xml"
  # Stopped, it leaves its rules in force instead of an open host.
  firewalld_setting CleanupOnExit no
  # From 2.1 on nobody else could put the backup door's rule into its table.
  firewalld_setting NftablesTableOwner no
  firewalld_apply
  # Instead of the sealed copy, which its start put there.
  rules_load || fail 'nft refuses the rules'
  # Only now: it loads these, too.
  systemctl -q --no-block start postern-firewall.service
  firewalld_check
}

# firewalld_setting KEY VALUE: where this version has the key.
firewalld_setting() {
  if ! grep -q "^$1=" /etc/firewalld/firewalld.conf || grep -q "^$1=$2\$" /etc/firewalld/firewalld.conf; then return 0; fi
  sed "s/^$1=.*/$1=$2/" /etc/firewalld/firewalld.conf >"$TXN/firewalld.conf"
  install_file 0644 "$TXN/firewalld.conf" /etc/firewalld/firewalld.conf
}

# Not reloaded: it would go on counting the time of doors that were open before, and end new ones by that. Its rules are
# in force meanwhile.
firewalld_apply() {
  systemctl restart firewalld.service || fail "firewalld does not start: $(journalctl -q -n 5 -o cat -u firewalld.service)"
}

# Read back from the kernel: the packets of the interface end in the zone, and the zone drops. From 2.0 on it does so
# where packets are sent to it.
firewalld_check() {
  rules_ready || fail "firewalld does not answer: $(journalctl -q -n 5 -o cat -u firewalld.service)"
  firewalld_rules=$(nft list table inet firewalld) || fail 'firewalld runs without rules in force'
  firewalld_sent=$(firewalld_chain 'filter_INPUT_\(ZONES\|POLICIES\)')
  printf '%s\n' "$firewalld_sent" | grep -q "\(goto\|jump\) filter_IN_$zone\$" ||
    fail "no packet gets to the zone $zone; firewalld sends them to: $(printf '%s\n' "$firewalld_sent" | sed -n 's/.*filter_IN_//p' | tr '\n' ' ')"
  { firewalld_chain "filter_IN_$zone"; printf '%s\n' "$firewalld_sent"; } | grep -q '^[[:space:]]*\(iifname .* \)\{0,1\}drop$' ||
    fail "the zone $zone does not drop incoming packets although firewalld took it"
}

# firewalld_chain PATTERN: the chains of that name.
firewalld_chain() { printf '%s\n' "$firewalld_rules" | sed -n "/chain $1 {/,/}/p"; }

firewall_retire() {
  read -r zone </etc/postern/firewalld.zone
  systemctl -q disable firewalld.service 2>/dev/null || :
  systemctl -q stop firewalld.service
  nft delete table inet firewalld 2>/dev/null || :
  nft delete table inet firewalld_policy_drop 2>/dev/null || :
  firewalld_setting CleanupOnExit yes
  firewalld_setting NftablesTableOwner yes
  rm -f "/etc/firewalld/zones/$zone.xml" /etc/postern/zone.xml /etc/postern/firewalld.zone "$UNITS/firewalld.service.d/postern.conf"
  rmdir "$UNITS/firewalld.service.d" 2>/dev/null || :
  # nftables has the same table's name for its own, and has loaded it.
  [ "$(plan firewall)" = nftables ] || {
    nft delete table inet postern 2>/dev/null || :
    rm -f /etc/postern/firewall.nft
  }
}

firewall_rules() {
  # Terse: without who knocked; without the doors that are open by a rich rule; in an order of its own.
  door_port=$(get "$STATE/sealed/plan" ssh_port)
  printf 'rules nft %s\n' "$({ nft -s -t list table inet postern; nft -s -t list table inet firewalld | sort; } |
    grep -Ev "saddr [^ ]* tcp dport $door_port .*accept" | sha256sum | cut -d' ' -f1)"
}
