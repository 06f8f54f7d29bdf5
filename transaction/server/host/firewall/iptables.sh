# shellcheck shell=sh
# iptables and ip6tables without a manager: the chain POSTERN-INPUT, first in INPUT, and INPUT's policy. Installed behind
# recent.sh and chain.sh as /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

rules_load() {
  chain_load iptables /etc/postern/chain.v4 POSTERN-INPUT
  chain_load ip6tables /etc/postern/chain.v6 POSTERN-INPUT
}

rules_ok() { chain_first iptables POSTERN-INPUT && chain_first ip6tables POSTERN-INPUT; }

rules_recover() { rules_load; }

rules_unload() {
  for tool in iptables ip6tables; do
    "$tool" -w 10 -P INPUT ACCEPT
    chain_unload "$tool" POSTERN-INPUT
  done
}

# Held or timed, the door is the kernel's list: only the chain's rule counts seconds or doesn't. So nothing of a knock
# gets into rules.v4 when somebody saves the rules in force.
door_open() { recent_open "$1"; }

door_close() { recent_close "$1"; }

door_list() { recent_list; }

door_forget() { recent_forget "$1"; }

door_time() { recent_time "$1" "/etc/postern/chain.v$2" "$2"; }
