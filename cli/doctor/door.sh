#!/bin/sh
# What the kernel of the host knows of knocks, a line for each thing. Runs there as root; changes nothing.
#   door.sh KNOCKS          how many the opening sequence has
#   now SECONDS             since the host was booted
#   admitted ADDRESS [MARK] may make new connections to the ssh port; with a mark, unless its time is over
#   stage N ADDRESS MARK    has sent N knocks in their order, where the kernel counts them
#   deaf                    the kernel should count knocks and has no rules for it
# A mark grows with every knock: the kernel's own count of time, or, as 14s908ms, how long this is still remembered.
set -u
# shellcheck source=/dev/null
. /etc/postern/door.conf
# shellcheck source=../../transaction/server/host/firewall/nftables.sh
. /usr/local/lib/postern/firewall

# listed WORDS NAME: a list of iptables (xt_recent), whose entries stay when their time is over.
listed() { [ ! -r "/proc/net/xt_recent/$2" ] || sed -n "s/^src=\([^ ]*\) .*last_seen: \([0-9]*\) .*/$1 \1 \2/p" "/proc/net/xt_recent/$2"; }

# in_set WORDS NAME: a set of nftables, whose elements go when their time is over.
in_set() {
  case $1 in
    admitted) door_members "$2" | sed 's/^/admitted /' ;;
    *) nft list set inet postern "$2" 2>/dev/null | tr ',{}' '\n' | sed -n "s/^[[:space:]]*\([0-9a-f]*[.:][0-9a-f.:]*\) .*expires \([0-9a-z]*\).*/$1 \1 \2/p" ;;
  esac
}

read -r uptime _ </proc/uptime
echo "now $uptime"
if command -v door_members >/dev/null 2>&1; then
  look=in_set door=door stages=open mark=_
  nft list chain inet postern knock 2>/dev/null | grep -q jump && counts=yes || counts=
else
  look=listed door=postern stages=postern mark=_open
  counts=yes
  for tool in iptables ip6tables; do "$tool" -S POSTERN-KNOCK 2>/dev/null | grep -q POSTERN-SEQUENCES || counts=; done
fi
for family in 4 6; do "$look" admitted "$door$family"; done
# shellcheck disable=SC2154 # from door.conf
[ "$engine" = kernel ] || exit 0
[ -n "$counts" ] || echo deaf
stage=1
while [ "$stage" -le "$1" ]; do
  for family in 4 6; do "$look" "stage $stage" "$stages$family$mark$stage"; done
  stage=$((stage + 1))
done
