# shellcheck shell=sh
# firewalld: a rich rule for each knocker's address in the zone of the interface, and before firewalld's chains the table
# `inet postern` that lets nobody through to the ssh port whose address is not in its set door4 or door6. Installed
# behind nftables.sh, whose sets these are, as /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

# --timeout: D-Bus gives up after 25 s, and on a slow host firewalld takes longer.
#
# firewalld answers as soon as its rules are in force. What it left in force when it was stopped is still there then, and
# the new rules behind it; reloaded, it has the new ones alone.
rules_ready() {
  [ "$(busctl --timeout=80 get-property $FIREWALLD $FIREWALLD_AT $FIREWALLD state)" = 's "RUNNING"' ] || return 1
  if nft list chain inet firewalld filter_INPUT | sort | uniq -d | grep -q jump; then
    busctl --timeout=80 --quiet call $FIREWALLD $FIREWALLD_AT $FIREWALLD reload
  fi
}

FIREWALLD=org.fedoraproject.FirewallD1 FIREWALLD_AT=/org/fedoraproject/FirewallD1

rules_unload() {
  systemctl stop firewalld.service
  nft delete table inet firewalld 2>/dev/null || :
  nft delete table inet postern 2>/dev/null || :
}

# The kernel's set first: firewalld takes a moment.
# shellcheck disable=SC2154 # from /etc/postern/door.conf
door_open() {
  case $door in
    timed)
      door_admit "$(door_set "$1")" "$1" "timeout ${open_seconds}s"
      rich_rule removeRichRule ss "$1" 2>/dev/null || :
      rich_rule addRichRule ssi "$1" "$open_seconds"
      ;;
    held)
      door_admit "$(door_set "$1")" "$1" ''
      rich_rule removeRichRule ss "$1" 2>/dev/null || :
      rich_rule addRichRule ssi "$1" 0
      ;;
  esac
}

door_close() {
  nft "add element inet postern $(door_set "$1") { $1 }; delete element inet postern $(door_set "$1") { $1 }"
  rich_rule removeRichRule ss "$1" 2>/dev/null || :
  forgotten_rules "$1"
}

# forgotten_rules ADDRESS: those that an undo put back with the table, of which firewalld does not know.
# shellcheck disable=SC2154 # ssh_port is in /etc/postern/door.conf
forgotten_rules() {
  read -r zone </etc/postern/firewalld.zone
  nft -a list chain inet firewalld "filter_IN_${zone}_allow" 2>/dev/null |
    sed -n "s/^[[:space:]]*ip6\{0,1\} saddr $1 tcp dport $ssh_port .*accept # handle \([0-9]*\)\$/\1/p" |
    while read -r handle; do nft delete rule inet firewalld "filter_IN_${zone}_allow" handle "$handle"; done
}

# rich_rule METHOD SIGNATURE ADDRESS [SECONDS]: in force now, never permanently. firewalld's own interface, which
# firewall-cmd starts a Python for.
# shellcheck disable=SC2154 # ssh_port is in /etc/postern/door.conf
rich_rule() {
  case $3 in *:*) rich_family=ipv6 ;; *) rich_family=ipv4 ;; esac
  read -r zone </etc/postern/firewalld.zone
  busctl --timeout=80 --quiet call $FIREWALLD $FIREWALLD_AT $FIREWALLD.zone \
    "$1" "$2" "$zone" "rule family=\"$rich_family\" source address=\"$3\" port port=\"$ssh_port\" protocol=\"tcp\" accept" ${4:+"$4"}
}
