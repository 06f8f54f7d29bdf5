# shellcheck shell=sh
# A host's network. Index N (1..250) is its number on this machine and names everything: bridge, network namespace and
# cgroup `posternN`, the veth's outside end `posternNp`. The VPS is 10.213.N.2 and fd0a:d213:N::2 (N in decimal digits)
# on `eth0`, its gateway is .1, and the outside also owns .3 and .4: "other clients".
#
# The outside end is a bridge because it must outlive the veth, which goes with each boot's namespace: while a VPS
# reboots, clients' addresses stay and the VPS is silent, as on a real network.

subnet4=10.213
subnet6=fd0a:d213

# The outside of host $1.
network_outside() {
  # Up is the last thing that it becomes: one that is not was left half made by somebody who was killed.
  [ -z "$(ip -o link show dev "postern$1" up 2>/dev/null)" ] || return 0
  network_remove "$1"
  hex=$(printf %02x "$1")
  ip link add "postern$1" address "02:d2:13:00:$hex:01" type bridge forward_delay 0 mcast_snooping 0
  echo 0 >"/proc/sys/net/ipv6/conf/postern$1/disable_ipv6"
  echo 0 >"/proc/sys/net/ipv6/conf/postern$1/accept_dad"
  echo 0 >"/proc/sys/net/ipv6/conf/postern$1/accept_ra"
  for part in 1 3 4; do
    echo "address add $subnet4.$1.$part/24 dev postern$1"
    echo "address add $subnet6:$1::$part/64 dev postern$1 nodad"
  done | ip -batch -
  # Also on a machine that forwards (one with Docker, say) nothing that a VPS sends goes further than this machine.
  ip rule add pref 213 iif "postern$1" unreachable
  ip -6 rule add pref 213 iif "postern$1" unreachable
  ip link set "postern$1" up
}

# A new network namespace for host $1. Firewall rules live in the namespace, so each boot needs a new one.
# Its commands are chained, as the caller looks at the result, where `set -e` does not work.
network_inside() {
  network_unplug "$1"
  hex=$(printf %02x "$1")
  ip netns add "postern$1" &&
    nsenter --net="/run/netns/postern$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
      net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 &&
    ip link add "postern${1}p" master "postern$1" type veth \
      peer name eth0 address "02:d2:13:00:$hex:02" netns "postern$1" &&
    ip -n "postern$1" -batch - <<END &&
link set lo up
link set eth0 up
address add $subnet4.$1.2/24 dev eth0
address add $subnet6:$1::2/64 dev eth0 nodad
route add default via $subnet4.$1.1
route add default via $subnet6:$1::1
END
    ip link set "postern${1}p" up
}

# Pulls host $1's cable and drops its namespace.
network_unplug() {
  ip link delete "postern${1}p" 2>/dev/null || :
  ip netns delete "postern$1" 2>/dev/null || :
}

# Removes everything of host $1's network.
network_remove() {
  network_unplug "$1"
  ip link delete "postern$1" 2>/dev/null || :
  for family in -4 -6; do
    while ip "$family" rule delete pref 213 iif "postern$1" 2>/dev/null; do :; done
  done
}

# While there are lab hosts, nothing for a host that is down may leave this machine by its default route.
routes_add() {
  ip route replace unreachable "$subnet4.0.0/16" metric 4294967295
  ip -6 route replace unreachable "$subnet6::/32" metric 4294967295
}

routes_remove() {
  ip route delete unreachable "$subnet4.0.0/16" metric 4294967295 2>/dev/null || :
  ip -6 route delete unreachable "$subnet6::/32" metric 4294967295 2>/dev/null || :
}
