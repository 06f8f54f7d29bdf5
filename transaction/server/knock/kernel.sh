# shellcheck shell=sh
# The kernel itself counts the knocks: whoever loads the firewall's rules loads /etc/postern/knock.* along. Sourced by
# switch.sh and inspect.sh; knockd.sh says what every engine has.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
KNOCK_UNITS='' KNOCK_PROGRAMS=kernel

knock_install() { :; }

# Read back from the kernel.
knock_switch() {
  if [ -f /etc/postern/knock.nft ]; then
    nft list chain inet postern knock >/dev/null 2>&1 || fail 'nftables does not have the chain that counts knocks although it took the rules'
  else
    for tool in iptables ip6tables; do
      "$tool" -w 10 -S POSTERN-SEQUENCES >/dev/null 2>&1 || fail "$tool does not have the chains that count knocks although it took the rules"
    done
  fi
  knock_retire
}

# What no file of ours has any more: chains of an earlier, longer sequence, or of an earlier firewall. Nothing jumps to
# them. Those of nftables go whenever the table is loaded.
knock_retire() {
  for tool in iptables ip6tables; do
    ! command -v "$tool-save" >/dev/null 2>&1 || forget_chains "$tool"
  done
}

forget_chains() {
  case $1 in iptables) knock_file=/etc/postern/knock.v4 ;; ip6tables) knock_file=/etc/postern/knock.v6 ;; esac
  stale=$("$1-save" -t filter | sed -n 's/^:\(POSTERN-\(KNOCK\|SEQUENCES\|OPEN\|CLOSE\)[A-Z0-9-]*\) .*/\1/p' |
    while read -r chain; do grep -qs "^:$chain " "$knock_file" || printf '%s\n' "$chain"; done)
  for chain in $stale; do "$1" -w 10 -F "$chain"; done
  for chain in $stale; do "$1" -w 10 -X "$chain"; done
}
