# shellcheck shell=sh
# iptables and ip6tables without a manager: the chain POSTERN-INPUT, first in INPUT, and INPUT's policy. Installed behind
# recent.sh, backstop.sh, chain.sh, closed.sh and closed-chain.sh as /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

rules_load() {
  chain_load iptables /etc/postern/chain.v4 POSTERN-INPUT /etc/postern/knock.v4 &&
    chain_load ip6tables /etc/postern/chain.v6 POSTERN-INPUT /etc/postern/knock.v6 &&
    backstop_load iptables && backstop_load ip6tables
}

rules_boot() { rules_load && closed_unload door; }

# shellcheck disable=SC2034,SC2154 # listed comes from chain_ok, wrong is told by closed.sh
rules_ok() {
  for tool in iptables ip6tables; do
    chain_ok "$tool" POSTERN-INPUT || return 1
    backstop_ok "$tool" || return 1
    wrong="$tool does not drop what no rule lets in"
    case $listed in '-P INPUT DROP'*'-A POSTERN-INPUT '*' --ctstate RELATED,ESTABLISHED '*) ;; *) return 1 ;; esac
  done
  wrong=
}

rules_unload() {
  rules_remove
  rules_left
}

# rules_remove: the same for a firewall that takes over, which is no wish of an administrator's.
rules_remove() {
  for tool in iptables ip6tables; do
    "$tool" -w 10 -P INPUT ACCEPT
    chain_unload "$tool" POSTERN-INPUT
    backstop_unload "$tool"
    shared_unload "$tool"
  done
}

# Held or timed, the door is the kernel's list: only the chain's rule counts seconds or doesn't. So nothing of a knock
# gets into rules.v4 when somebody saves the rules in force.
door_open() { recent_open "$1"; }

door_close() { recent_close "$1"; }

door_list() { recent_list; }

door_forget() { recent_forget "$1"; }

door_time() { recent_time "$1" "/etc/postern/chain.v$2" "$2"; }
