#!/bin/sh
# Who listens on the host, and what its default policies do to packets that no rule names. Read before facts.sh, in the same
# shell; prints key=value lines as it does. Writes nothing.
#
#   listening=PROTOCOL ADDRESS:PORT PROGRAM     as ss has them; no program where the kernel itself listens
#   ephemeral=LOW HIGH                          ports that the kernel gives to whoever asks for any
#   policy=TOOL CHAIN TARGET                    what iptables, ip6tables or nft (ip, ip6, inet) does in the end
#   blocks=TOOL PROTOCOL PORTS                  a rule of INPUT that drops or refuses these whoever they come from
#   opens=TOOL PROTOCOL PORTS                   one that accepts them
#   forwards=FAMILY                             the host routes packets of others (4 or 6)
#   ufw_default=CHAIN TARGET                    /etc/default/ufw

if command -v ss >/dev/null 2>&1; then
  ss -Hlntup 2>/dev/null | while read -r listen_protocol _ _ _ listen_local _ listen_program; do
    case $listen_program in *'"'*'"'*) listen_program=${listen_program#*'"'} listen_program=${listen_program%%'"'*} ;; *) listen_program= ;; esac
    printf 'listening=%s %s %s\n' "$listen_protocol" "$listen_local" "$listen_program"
  done
fi
if read -r ephemeral </proc/sys/net/ipv4/ip_local_port_range; then printf 'ephemeral=%s\n' "$ephemeral"; fi 2>/dev/null

# Of the table filter alone; a last rule for all packets counts as the chain's policy.
for policy_tool in iptables ip6tables; do
  ! command -v "$policy_tool-save" >/dev/null 2>&1 || "$policy_tool-save" 2>/dev/null | sed -n "
    /^\\*/h
    G
    /\\n\\*filter\$/!d
    s/\\n.*//
    s/^:\\(INPUT\\|FORWARD\\|OUTPUT\\) \\([A-Z]*\\) .*/policy=$policy_tool \\1 \\2/p
    s/^-A \\(INPUT\\|FORWARD\\|OUTPUT\\) -j \\(DROP\\|REJECT\\)\\( --reject-with [^ ]*\\)\\{0,1\\}\$/policy=$policy_tool \\1 \\2/p
    s/^-A INPUT -p \\(tcp\\|udp\\)\\( -m [a-z]*\\)\\{0,1\\} --dports\\{0,1\\} \\([0-9:,]*\\) -j \\(DROP\\|REJECT.*\\)\$/blocks=$policy_tool \\1 \\3/p
    s/^-A INPUT -p \\(tcp\\|udp\\)\\( -m [a-z]*\\)\\{0,1\\} --dports\\{0,1\\} \\([0-9:,]*\\) -j ACCEPT\$/opens=$policy_tool \\1 \\3/p"
done
if command -v nft >/dev/null 2>&1; then
  nft list chains 2>/dev/null | while read -r policy_word policy_rest; do
    case "$policy_word $policy_rest" in
      'table '*) policy_family=${policy_rest%% *} ;;
      'type filter hook input '*'policy drop;') printf 'policy=%s INPUT DROP\n' "$policy_family" ;;
    esac
  done
fi

for forward_file in 4/ip_forward 6/conf/all/forwarding; do
  if read -r forward_on <"/proc/sys/net/ipv$forward_file" && [ "$forward_on" != 0 ]; then printf 'forwards=%s\n' "${forward_file%%/*}"; fi 2>/dev/null
done
[ ! -r /etc/default/ufw ] || sed -n 's/^DEFAULT_\(OUTPUT\|FORWARD\)_POLICY="\{0,1\}\([A-Z]*\)"\{0,1\}.*/ufw_default=\1 \2/p' /etc/default/ufw
