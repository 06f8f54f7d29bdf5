# shellcheck shell=sh
# ufw, and before its own rules the chain POSTERN with the door: nothing of ufw's opens the ssh port. Installed behind
# recent.sh, backstop.sh, chain.sh, closed.sh and closed-chain.sh as /usr/local/lib/postern/firewall. Every backend has
# these, and those of closed.sh:
#
#   rules_load            what is to be in force before the network is up; again at will
#   rules_unload          out of force, for a console: the host is open then, as far as this firewall goes
#   door_open ADDRESS     lets the address make new connections to the ssh port; door_close takes that back
#   door_list             who may, one address a line
#   door_forget FAMILY    nobody may (4 or 6)
#   door_time SECONDS FAMILY   a timed door lasts that long, also for those who knocked already

rules_load() {
  chain_load iptables /etc/postern/chain.v4 POSTERN /etc/postern/knock.v4 &&
    chain_load ip6tables /etc/postern/chain.v6 POSTERN /etc/postern/knock.v6 &&
    backstop_load iptables && backstop_load ip6tables && held_again
}

rules_unload() {
  closed_unload
  for tool in iptables ip6tables; do
    chain_unload "$tool" POSTERN
    backstop_unload "$tool"
    shared_unload "$tool"
  done
  rules_left
}

# Until ufw has loaded its own rules, and where it cannot, the sealed copy stays in force before them.
rules_boot() {
  rules_load && ufw_ok && closed_unload
}

rules_ok() {
  for tool in iptables ip6tables; do
    chain_ok "$tool" POSTERN || return 1
    backstop_ok "$tool" || return 1
  done
  ufw_ok
}

ufw_ok() {
  for tool in iptables ip6tables; do
    case $tool in iptables) ufw_type='' ;; ip6tables) ufw_type=6 ;; esac
    listed=$(unquoted "$("$tool" -w 10 -S 2>/dev/null)")
    wrong="ufw is not enabled: INPUT of $tool accepts what no rule drops"
    case $listed in '-P INPUT DROP'*) ;; *) return 1 ;; esac
    wrong="ufw has not loaded its rules into $tool"
    case $listed in *"-A INPUT -j ufw$ufw_type-before-input"*) ;; *) return 1 ;; esac
    wrong="ufw has not loaded before$ufw_type.rules: what is connected would be cut off"
    case $listed in *"-A ufw$ufw_type-before-input "*ESTABLISHED*) ;; *) return 1 ;; esac
    wrong="ufw has not loaded user$ufw_type.rules"
    case $listed in *"-A ufw$ufw_type-before-input -j ufw$ufw_type-user-input"*) ;; *) return 1 ;; esac
  done
  wrong='ufw.service failed to load its rules'
  case $(systemctl show -p ActiveState --value ufw.service) in failed) return 1 ;; esac
  wrong=
}

rules_pending() { manager_starts ufw.service; }

# A `ufw reload` takes its rules out of force and loads them anew, which takes seconds on a slow host. Whoever runs ufw
# holds its lock until he has done, one of fcntl's.
rules_busy() { [ -e /run/ufw.lock ] && grep -q ":$(stat -c %i /run/ufw.lock) " /proc/locks; }

closed_stamp() {
  stat -c '%n %s %Y' /etc/ufw/*.rules /etc/ufw/ufw.conf /etc/default/ufw
  systemctl show -p ActiveState,StateChangeTimestampMonotonic ufw.service
  ufw_ok || echo "$wrong"
}

# The door is the kernel's list, which the chain and the backstop ask. A held one is a rule of ufw's besides, as in the guides:
# `ufw status` shows it, and after a boot it is on the list again.
# shellcheck disable=SC2154 # from /etc/postern/door.conf
door_open() {
  recent_open "$1" || return 1
  # `insert 1` fails for IPv6, whose rules are numbered after those of IPv4.
  case $engine$door in
    *timed | kernel*) ;;
    *) ufw prepend allow from "$1" to any port "$ssh_port" proto tcp comment 'postern door' >/dev/null ;;
  esac
}

# shellcheck disable=SC2154
door_close() {
  recent_close "$1" || return 1
  case $engine$door in
    *timed | kernel*) ;;
    *) ufw delete allow from "$1" to any port "$ssh_port" proto tcp >/dev/null ;;
  esac
}

# The comment is `postern door` in hexadecimal; the rule itself is on the next line.
# shellcheck disable=SC2154
held_again() {
  case $engine$door in *timed | kernel*) return 0 ;; esac
  sed -n "/comment=706f737465726e20646f6f72/,/^-A/s/^-A [^ ]* -p tcp --dport $ssh_port -s \\([^ ]*\\) -j ACCEPT\$/\\1/p" \
    /etc/ufw/user.rules /etc/ufw/user6.rules 2>/dev/null |
    while read -r held_address; do recent_open "${held_address%/*}"; done
}

door_list() { recent_list; }

door_forget() { recent_forget "$1"; }

door_time() { recent_time "$1" "/etc/postern/chain.v$2" "$2"; }
