# shellcheck shell=sh
# Chains of our own that INPUT and OUTPUT jump to first.

# chain_load TOOL FILE CHAIN KNOCKS: FILE is in iptables-restore's format; CHAIN is INPUT's, and OUTPUT's is the same for
# every firewall. The chains of the knock engine, which ours jumps to, come first, from the file KNOCKS. Of those that was
# refused nothing may be said: they are secret.
chain_load() {
  [ ! -e "$4" ] || "$1-restore" -w 10 -n <"$4" 2>/dev/null || {
    echo "$1-restore: error: it refuses $4" >&2
    return 1
  }
  # Cut short, it would be taken for rules that change nothing.
  grep -q '^COMMIT' "$2" || {
    echo "$1-restore: error: $2 is cut short" >&2
    return 1
  }
  # Declaring the chain empties it, and all of it is exchanged at once: no moment is without rules.
  chain_jumps="$(chain_jump "$1" INPUT "$3")$(chain_jump "$1" OUTPUT POSTERN-OUTPUT)"
  sed "s/^COMMIT/$chain_jumps&/" "$2" | "$1-restore" -w 10 -n || return 1
  chain_once "$1" INPUT "$3"
  chain_once "$1" OUTPUT POSTERN-OUTPUT
}

# chain_jump TOOL HOOK CHAIN: for sed, what makes it the first.
chain_jump() {
  [ "$("$1" -w 10 -S "$2" | sed -n '2p')" = "-A $2 -j $3" ] || printf -- '-I %s 1 -j %s\\n' "$2" "$3"
}

# chain_once TOOL HOOK CHAIN: the first jump stays, and no other.
chain_once() {
  while [ "$("$1" -w 10 -S "$2" | grep -c "^-A $2 -j $3\$")" -gt 1 ]; do
    "$1" -w 10 -D "$2" "$("$1" -w 10 -S "$2" | sed 1d | grep -n "^-A $2 -j $3\$" | tail -n 1 | cut -d: -f1)"
  done
}

# chain_unload TOOL CHAIN [HOOK]
chain_unload() {
  "$1" -w 10 -D "${3:-INPUT}" -j "$2" 2>/dev/null || :
  "$1" -w 10 -F "$2" 2>/dev/null || :
  "$1" -w 10 -X "$2" 2>/dev/null || :
}

# shared_unload TOOL: what is the same behind every firewall that is made of iptables, when INPUT's chain is gone.
shared_unload() {
  chain_unload "$1" POSTERN-OUTPUT OUTPUT
  chain_unload "$1" POSTERN-NOLOG
}

# mute_errors TOOL: OUTPUT's chain rule by rule, without a file (posture/firewall/icmp-errors.ts).
mute_errors() {
  "$1" -w 10 -N POSTERN-OUTPUT 2>/dev/null || "$1" -w 10 -F POSTERN-OUTPUT
  case $1 in
    iptables) for type in 12 11/1; do "$1" -w 10 -A POSTERN-OUTPUT -p icmp -m icmp --icmp-type "$type" -j DROP; done ;;
    ip6tables) for type in 4 3/1; do "$1" -w 10 -A POSTERN-OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type "$type" -j DROP; done ;;
  esac
  "$1" -w 10 -C OUTPUT -j POSTERN-OUTPUT 2>/dev/null || "$1" -w 10 -I OUTPUT 1 -j POSTERN-OUTPUT
}

# first_of RULES: the first rule of INPUT, of what iptables -S lists.
first_of() {
  first_rest=${1#*"
-A INPUT "}
  [ "$first_rest" != "$1" ] || return 0
  echo "-A INPUT ${first_rest%%"
"*}"
}

# unquoted RULES: without the words that somebody wrote into them, such as comments, which could read like rules.
unquoted() {
  case $1 in
    *'"'*) printf '%s\n' "$1" | sed 's/"\([^"\\]\|\\.\)*"/""/g' ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# chain_ok TOOL CHAIN: is it first in INPUT, whole, and its door in it, and is OUTPUT's there? Sets $listed to all rules,
# and $wrong.
# shellcheck disable=SC2034,SC2154 # engine is in /etc/postern/door.conf
chain_ok() {
  listed=$("$1" -w 10 -S 2>/dev/null) || { wrong="$1 does not answer"; return 1; }
  listed=$(unquoted "$listed")
  wrong="$1 does not have the chain $2 first in INPUT"
  [ "$(first_of "$listed")" = "-A INPUT -j $2" ] || return 1
  case $1 in iptables) chain_list=postern4 ;; ip6tables) chain_list=postern6 ;; esac
  wrong="the chain $2 of $1 has no rule for the door"
  case $listed in *"-A $2 -p tcp "*" --name $chain_list "*) ;; *) return 1 ;; esac
  wrong="$1 has no rules in force that count knocks"
  case $engine in
    kernel) case $listed in *"-A $2 -j POSTERN-KNOCK"*) case $listed in *'-A POSTERN-SEQUENCES -j POSTERN-OPEN'*) ;; *) return 1 ;; esac ;; *) return 1 ;; esac ;;
  esac
  wrong="$1 has no rules in force that keep knocks out of the log"
  case $listed in *"-A $2 -j POSTERN-NOLOG"*) ;; *) return 1 ;; esac
  case $listed in *'-A POSTERN-NOLOG -p '*) ;; *) return 1 ;; esac
  wrong="$1 does not have the chain POSTERN-OUTPUT in OUTPUT, without which this host answers broken packets"
  case $listed in *'-A OUTPUT -j POSTERN-OUTPUT'*) ;; *) return 1 ;; esac
  case $listed in *'-A POSTERN-OUTPUT -p '*) ;; *) return 1 ;; esac
  wrong=
}
