#!/bin/sh
# outage.sh drop TABLE ADDRESS ADDRESS6 PORTS | restore TABLE | clear: a firewall between this machine and one lab host that
# keeps what is sent to PORTS, TCP and UDP, from arriving there. The rules name the host's addresses only.
#
# `clear` takes away what test processes left that were killed, these tables and others of the name postern_test_PROCESS_…:
# the addresses go to other hosts.
#
# A drop would tell the sender at once (EPERM), which no firewall on the way can; another port on the host hears nothing.
set -eu
case $1 in
  drop)
    nft -f - <<EOF
table inet $2 {
  chain out {
    type filter hook output priority 0; policy accept;
    ip daddr $3 tcp dport $5 tcp dport set 9
    ip daddr $3 udp dport $5 udp dport set 9
    ip6 daddr $4 tcp dport $5 tcp dport set 9
    ip6 daddr $4 udp dport $5 udp dport set 9
  }
}
EOF
    ;;
  restore) nft delete table inet "$2" ;;
  clear)
    nft list tables | while read -r _ family table; do
      process=${table#postern_test_}
      [ "$process" = "$table" ] || [ -d "/proc/${process%%_*}" ] || nft delete table "$family" "$table" || :
    done
    ;;
esac
