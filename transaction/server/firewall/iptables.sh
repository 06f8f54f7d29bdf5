# shellcheck shell=sh
# iptables and ip6tables without a manager. Sourced by agent.sh; ufw.sh says what every backend has.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
FIREWALL_PROGRAMS='recent backstop chain closed closed-chain iptables' FIREWALL_UNITS='' FIREWALL_LOADERS='postern-firewall.service postern-closed.service' FIREWALL_NEEDS=''

firewall_install() { :; }

firewall_switch() {
  rules_load || fail 'iptables refuses the rules'
  for version in v4 v6; do
    persistent "$version" >"$TXN/rules.$version"
    install_file 0640 "$TXN/rules.$version" "/etc/iptables/rules.$version"
  done
  systemctl -q --no-block start postern-firewall.service
  closed_unload door
  iptables_check
}

# persistent VERSION: the owner's rules.v4 or rules.v6, or an empty one, with our chain first in INPUT.
persistent() {
  if grep -qs '^\*filter$' "/etc/iptables/rules.$1"; then
    owners "$1"
  else
    [ ! -f "/etc/iptables/rules.$1" ] || owners "$1"
    printf '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'
  fi >"$TXN/rules.owner"
  {
    [ ! -f "/etc/postern/knock.$1" ] || sed '/^#/d; /^\*filter$/d; /^COMMIT$/d' "/etc/postern/knock.$1"
    sed '/^\*filter$/d; /^:INPUT /d; /^COMMIT$/d' "/etc/postern/chain.$1"
    printf '%s\n' '-A INPUT -j POSTERN-INPUT' '-A OUTPUT -j POSTERN-OUTPUT'
  } >"$TXN/rules.own"
  sed "/^\\*filter\$/,/^COMMIT\$/s/^:INPUT [A-Z]*/:INPUT DROP/; /^\\*filter\$/r $TXN/rules.own" "$TXN/rules.owner"
  rm -f "$TXN/rules.owner" "$TXN/rules.own"
}

# owners VERSION: that file without what is ours.
owners() {
  sed "/^\(:\|-A \)$OWN_CHAIN /d; /^-A \(INPUT\|OUTPUT\) -j $OWN_CHAIN\$/d" "/etc/iptables/rules.$1"
}

# Whole names, and not where they are part of a comment.
OWN_CHAIN='POSTERN-\(INPUT\|OUTPUT\|NOLOG\|BACKSTOP\|BACKUP\|DOOR\|LEAST\|KNOCK\|KNOCK-LOG\|SEQUENCES\|OPEN[0-9]*\|CLOSE[0-9]*\|OPEN-STRAY\|CLOSE-STRAY\)'

# Read back from the kernel.
iptables_check() {
  for tool in iptables ip6tables; do
    [ "$("$tool" -w 10 -S INPUT | sed -n '1p; 2p' | tr '\n' ' ')" = '-P INPUT DROP -A INPUT -j POSTERN-INPUT ' ] ||
      fail "$tool does not have the chain POSTERN-INPUT first and drop what it lets pass"
  done
}

# What is the owner's in rules.v4 and rules.v6 stays there.
firewall_retire() {
  for version in v4 v6; do
    file=/etc/iptables/rules.$version
    [ -f "$file" ] || continue
    owners "$version" | sed '/^\*filter$/,/^COMMIT$/s/^:INPUT DROP/:INPUT ACCEPT/' >"$TXN/rules.$version"
    if grep -q '^-' "$TXN/rules.$version"; then install_file 0640 "$TXN/rules.$version" "/etc/iptables/rules.$version"; else rm -f "$file"; fi
    # ufw has the same chains' names for its own.
    [ "$(plan firewall)" = ufw ] || rm -f "/etc/postern/chain.$version"
  done
  rmdir /etc/iptables 2>/dev/null || :
  # ufw keeps the policy; any other would be shut up behind it.
  case $(plan firewall) in
    ufw) for tool in iptables ip6tables; do chain_unload "$tool" POSTERN-INPUT; done ;;
    *) rules_remove ;;
  esac
}

firewall_rules() {
  for tool in iptables ip6tables; do
    printf 'rules %s %s\n' "$tool" "$({ "$tool" -S INPUT; "$tool" -S OUTPUT | sed -n '2{/^-A OUTPUT -j POSTERN-OUTPUT$/p;}'; { "$tool-save" -t filter; "$tool-save" -t security; } | grep '^-A POSTERN-' | sort -s -k 2,2; } | sha256sum | cut -d' ' -f1)"
  done
}
