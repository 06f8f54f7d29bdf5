# shellcheck shell=sh
# A chain of our own that INPUT jumps to first.

# chain_load TOOL FILE CHAIN KNOCKS: FILE is in iptables-restore's format. Where the kernel counts the knocks, its chains,
# which ours jumps to, come first, from the file KNOCKS. Of those that was refused nothing may be said: they are secret.
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
  if [ "$("$1" -w 10 -S INPUT | sed -n '2p')" = "-A INPUT -j $3" ]; then
    "$1-restore" -w 10 -n <"$2" || return 1
  else
    sed "s/^COMMIT/-I INPUT 1 -j $3\\n&/" "$2" | "$1-restore" -w 10 -n || return 1
  fi
  # First in INPUT, once.
  while [ "$("$1" -w 10 -S INPUT | grep -c "^-A INPUT -j $3\$")" -gt 1 ]; do
    "$1" -w 10 -D INPUT "$("$1" -w 10 -S INPUT | sed 1d | grep -n "^-A INPUT -j $3\$" | tail -n 1 | cut -d: -f1)"
  done
}

# chain_unload TOOL CHAIN
chain_unload() {
  "$1" -w 10 -D INPUT -j "$2" 2>/dev/null || :
  "$1" -w 10 -F "$2" 2>/dev/null || :
  "$1" -w 10 -X "$2" 2>/dev/null || :
}

# first_of RULES: the first rule of INPUT, of what iptables -S lists.
first_of() {
  first_rest=${1#*"
-A INPUT "}
  [ "$first_rest" != "$1" ] || return 0
  echo "-A INPUT ${first_rest%%"
"*}"
}

# chain_ok TOOL CHAIN: is it first in INPUT, whole, and its door in it? Sets $listed to all rules, and $wrong.
# shellcheck disable=SC2034,SC2154 # engine is in /etc/postern/door.conf
chain_ok() {
  listed=$("$1" -w 10 -S 2>/dev/null) || { wrong="$1 does not answer"; return 1; }
  wrong="$1 does not have the chain $2 first in INPUT"
  [ "$(first_of "$listed")" = "-A INPUT -j $2" ] || return 1
  case $1 in iptables) chain_list=postern4 ;; ip6tables) chain_list=postern6 ;; esac
  wrong="the chain $2 of $1 has no rule for the door"
  case $listed in *"-A $2 -p tcp "*" --name $chain_list "*) ;; *) return 1 ;; esac
  wrong="$1 has no rules in force that count knocks"
  case $engine in
    kernel) case $listed in *"-A $2 -j POSTERN-KNOCK"*) case $listed in *'-A POSTERN-SEQUENCES -j POSTERN-OPEN'*) ;; *) return 1 ;; esac ;; *) return 1 ;; esac ;;
  esac
  wrong=
}
