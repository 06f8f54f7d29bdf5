# shellcheck shell=sh
# The sealed copy where the firewall is made of iptables: the chain POSTERN-INPUT, first in INPUT, with everything that the
# posture opens, and INPUT's policy. closed.sh says when.

# shellcheck disable=SC2034,SC2154 # level and least_policy are for closed.sh; engine, ssh_port and door are in door.conf
# The ordinary rules set it themselves.
least_policy=

closed_load() {
  level=copy
  closed_family iptables v4 && closed_family ip6tables v6
}

closed_family() {
  if closed_whole "$2" && chain_load "$1" "$CLOSED/rules.$2" POSTERN-INPUT "$CLOSED/knock.$2" 2>/dev/null && closed_drops "$1"; then
    return 0
  fi
  level=pieces
  closed_pieces "$1" "$2"
}

closed_whole() { whole_copy "rules.$1" && whole_copy "knock.$1"; }

closed_in_force() { closed_drops iptables && closed_drops ip6tables; }

closed_drops() {
  listed=$("$1" -w 10 -S 2>/dev/null) || return 1
  case $listed in '-P INPUT DROP'*'-A POSTERN-INPUT '*'-A POSTERN-INPUT -j DROP'*) ;; *) return 1 ;; esac
  [ "$(first_of "$listed")" = '-A INPUT -j POSTERN-INPUT' ]
}

# closed_pieces TOOL VERSION: rule by rule. What lets somebody in and is refused stays shut.
closed_pieces() {
  "$1" -w 10 -P INPUT DROP || return 1
  # It knows nobody but the kernel's list.
  backstop_unload "$1"
  "$1" -w 10 -N POSTERN-INPUT 2>/dev/null || "$1" -w 10 -F POSTERN-INPUT || return 1
  "$1" -w 10 -N POSTERN-DOOR 2>/dev/null || :
  counts=
  if whole_copy "knock.$2" && "$1-restore" -w 10 -n <"$CLOSED/knock.$2" 2>/dev/null; then counts=yes; fi
  # Those who knocked, where the kernel has no list for them (recent.sh).
  add_rule "$1" '-i lo -j ACCEPT'
  add_rule "$1" '-j POSTERN-DOOR'
  pieces "$2" | while IFS= read -r rule; do add_rule "$1" "$rule" || :; done
  owners_way "$1" "$2"
  add_rule "$1" '-j DROP'
  mute_errors "$1" 2>/dev/null || :
  [ "$(first_of "$("$1" -w 10 -S)")" = '-A INPUT -j POSTERN-INPUT' ] || "$1" -w 10 -I INPUT 1 -j POSTERN-INPUT
}

add_rule() { printf '*filter\n-A POSTERN-INPUT %s\nCOMMIT\n' "$2" | "$1-restore" -w 10 -n 2>/dev/null; }

# pieces VERSION: the rules that let somebody in, or count their knocks.
pieces() {
  if whole_copy "rules.$1"; then
    sed -n 's/^-A POSTERN-INPUT //p' "$CLOSED/rules.$1" | grep -v -e '-j DROP$'
    return
  fi
  echo '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
  case $1 in
    v4)
      for type in 3 11 12; do echo "-p icmp -m icmp --icmp-type $type -j ACCEPT"; done
      ;;
    v6)
      for type in 1 2 3 4 134 135 136; do echo "-p ipv6-icmp -m icmp6 --icmpv6-type $type -j ACCEPT"; done
      for type in 130 131 132 143; do echo "-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type $type -j ACCEPT"; done
      echo '-s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j ACCEPT'
      ;;
  esac
  [ "$engine" != kernel ] || echo '-j POSTERN-KNOCK'
  time=
  [ "$door" != timed ] || time="--seconds $open_seconds "
  echo "-p tcp -m tcp --dport $ssh_port -m recent --rcheck ${time}--name postern${1#v} --rsource -j ACCEPT"
}

# The ssh port for the owner's last addresses; where none is known and nobody can knock either, for everybody: sshd
# takes keys alone, and a host that nobody gets into is lost.
owners_way() {
  owner_known=
  for owner in $(last_sources); do
    case $2$owner in v4*:* | v6*.*) continue ;; esac
    ! add_rule "$1" "-s $owner -p tcp -m tcp --dport $ssh_port -j ACCEPT" || owner_known=yes
  done
  [ -z "$owner_known" ] || return 0
  if [ "$engine" = kernel ] && ! { [ -n "$counts" ] && "$1" -w 10 -S POSTERN-INPUT | grep -q -e '-j POSTERN-KNOCK'; }; then
    add_rule "$1" "-p tcp -m tcp --dport $ssh_port -j ACCEPT"
  fi
}

# closed_unload [door]: out of force again, when the ordinary rules are; with `door` for the backend iptables, which has
# the chain in its own.
closed_unload() {
  for tool in iptables ip6tables; do
    listed=$("$tool" -w 10 -S 2>/dev/null) || continue
    case ${1:-}$listed in door*) ;; *'-N POSTERN-INPUT'*) chain_unload "$tool" POSTERN-INPUT ;; esac
    case $listed in *'-N POSTERN-DOOR'*) chain_unload "$tool" POSTERN-DOOR ;; esac
  done
}
