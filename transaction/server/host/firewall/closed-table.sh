# shellcheck shell=sh
# The sealed copy where the firewall is made of nftables: the table `inet postern` with everything that the posture opens,
# and with the policy drop. closed.sh says when.

# shellcheck disable=SC2034,SC2154 # level and least_policy are for closed.sh; engine, ssh_port and door are in door.conf
least_policy=ACCEPT

closed_load() {
  level=copy
  if whole_copy rules.nft && whole_copy knock.nft &&
    nft -f "$CLOSED/rules.nft" 2>/dev/null && closed_in_force; then return 0; fi
  level=pieces
  closed_pieces
}

closed_in_force() {
  case $(nft -s -t list chain inet postern input 2>/dev/null) in
    *'hook input '*'policy drop;'*) ;;
    *) return 1 ;;
  esac
}

# Rule by rule. What lets somebody in and is refused stays shut.
closed_pieces() {
  nft -f - <<'RULES' || return 1
table inet postern
delete table inet postern
table inet postern {
	chain door {
	}
	chain input {
		type filter hook input priority filter; policy drop;
		jump door
	}
}
RULES
  # posture/firewall/icmp-errors.ts
  nft -f - 2>/dev/null <<'RULES' || :
table inet postern {
	chain output {
		type filter hook output priority filter; policy accept;
		icmp type parameter-problem drop
		icmp type time-exceeded icmp code 1 drop
		icmpv6 type parameter-problem drop
		icmpv6 type time-exceeded icmpv6 code 1 drop
	}
}
RULES
  for family in 4 6; do nft add set inet postern "door$family" "{ type ipv${family}_addr; flags timeout; }" 2>/dev/null || :; done
  counts=
  if whole_copy knock.nft && printf 'table inet postern {\n\tinclude "%s"\n}\n' "$CLOSED/knock.nft" | nft -f - 2>/dev/null; then counts=yes; fi
  pieces | while IFS= read -r rule; do nft add rule inet postern input "$rule" 2>/dev/null || :; done
  owners_way
}

# pieces: the rules that let somebody in.
pieces() {
  if whole_copy rules.nft; then
    sed -n '/^\tchain input {$/,/^\t}$/s/^\t\t//p' "$CLOSED/rules.nft" | grep -v -e '^type filter' -e ' drop$'
    return
  fi
  cat <<RULES
ct state established,related accept
iif "lo" accept
icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr fe80::/10 accept
icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
ip saddr @door4 tcp dport $ssh_port ct state new accept
ip6 saddr @door6 tcp dport $ssh_port ct state new accept
RULES
}

# The ssh port for the owner's last addresses; where none is known and nobody can knock either, for everybody: sshd
# takes keys alone, and a host that nobody gets into is lost.
owners_way() {
  owner_known=
  for owner in $(last_sources); do
    case $owner in *:*) match=ip6 ;; *) match=ip ;; esac
    ! nft add rule inet postern input "$match" saddr "$owner" tcp dport "$ssh_port" accept 2>/dev/null || owner_known=yes
  done
  [ -n "$owner_known" ] || [ "$engine" != kernel ] || [ -n "$counts" ] ||
    nft add rule inet postern input tcp dport "$ssh_port" accept
}
