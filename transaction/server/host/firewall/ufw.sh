# shellcheck shell=sh
# ufw, and before its own rules the chain POSTERN with the timed door. A held door is a rule of ufw's own, as in the
# guides, unless the kernel counts the knocks and has to open it. Installed behind recent.sh and chain.sh as /usr/local/lib/postern/firewall. Every backend has these:
#
#   rules_load            what is to be in force before the network is up; again at will
#   rules_ok              for the guard: is it in force?
#   rules_recover         for the guard, where it is not
#   rules_unload          out of force, for a console: the host is open then, as far as this firewall goes
#   door_open ADDRESS     lets the address make new connections to the ssh port; door_close takes that back
#   door_list             who may, one address a line
#   door_forget FAMILY    nobody may (4 or 6)
#   door_time SECONDS FAMILY   a timed door lasts that long, also for those who knocked already

rules_load() {
  chain_load iptables /etc/postern/chain.v4 POSTERN
  chain_load ip6tables /etc/postern/chain.v6 POSTERN
}

rules_ok() { chain_first iptables POSTERN && chain_first ip6tables POSTERN; }

rules_recover() { rules_load; }

rules_unload() {
  chain_unload iptables POSTERN
  chain_unload ip6tables POSTERN
}

# door, ssh_port and the rest come from /etc/postern/door.conf.
# shellcheck disable=SC2154
door_open() {
  case $engine$door in
    *timed | kernel*) recent_open "$1" ;;
    # `insert 1` fails for IPv6, whose rules are numbered after those of IPv4.
    *) ufw prepend allow from "$1" to any port "$ssh_port" proto tcp comment 'postern door' >/dev/null ;;
  esac
}

# shellcheck disable=SC2154
door_close() {
  case $engine$door in
    *timed | kernel*) recent_close "$1" ;;
    *) ufw delete allow from "$1" to any port "$ssh_port" proto tcp >/dev/null ;;
  esac
}

door_list() { recent_list; }

door_forget() { recent_forget "$1"; }

door_time() { recent_time "$1" "/etc/postern/chain.v$2" "$2"; }
