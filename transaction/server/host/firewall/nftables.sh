# shellcheck shell=sh
# nftables without a manager: the table `inet postern`, whose sets door4 and door6 hold those who knocked. Installed,
# with closed.sh and closed-table.sh, as /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

rules_load() {
  # Cut short, it would be taken for rules that change nothing.
  grep -q '^table inet postern {' /etc/postern/firewall.nft || {
    echo 'error: /etc/postern/firewall.nft is cut short' >&2
    return 1
  }
  nft -f /etc/postern/firewall.nft
}

# rules_behind [FILE]: what FILE has, or nothing of anybody's, and ours, in one step.
rules_behind() {
  {
    if [ "$#" -gt 0 ]; then printf 'include "%s"\n' "$1"; else echo 'flush ruleset'; fi
    echo 'include "/etc/postern/firewall.nft"'
  } | nft -f -
}

rules_unload() {
  nft delete table inet postern 2>/dev/null || :
  rules_left
}

rules_boot() { rules_load; }

rules_ok() {
  table_ok || return 1
  wrong='nftables does not drop what no rule lets in'
  case $listed in *'hook input '*'policy drop;'*established*) ;; *) return 1 ;; esac
  wrong=
}

# table_ok: has the table the sets of the door, rules that ask them, those of the knock engine, and those for what goes out?
# Sets $listed and $wrong.
# shellcheck disable=SC2034,SC2154 # engine is in /etc/postern/door.conf
table_ok() {
  wrong='nftables has no table inet postern in force'
  listed=$(nft -s -t list table inet postern 2>/dev/null) || return 1
  # Without what somebody wrote into them, which could read like rules.
  case $listed in *' comment "'*) listed=$(printf '%s\n' "$listed" | sed 's/ comment "[^"]*"//') ;; esac
  wrong='the table inet postern has no rules for the door'
  case $listed in *' @door4 '*' @door6 '*) ;; *) return 1 ;; esac
  wrong='the table inet postern has no rules that count knocks'
  case $engine in
    kernel) case $listed in *'chain knock {'*'jump open4'*'jump open6'*) ;; *) return 1 ;; esac ;;
  esac
  wrong='the table inet postern has no rules that keep knocks out of the log'
  case $listed in *'chain nolog {'*'hook input '*' th dport '*' drop'*) ;; *) return 1 ;; esac
  wrong='the table inet postern drops none of the errors that would answer broken packets'
  case $listed in *'chain output {'*'hook output '*parameter-problem*drop*) ;; *) return 1 ;; esac
  wrong=
}

door_set() { case $1 in *:*) echo door6 ;; *) echo door4 ;; esac; }

# door, ssh_port and open_seconds come from /etc/postern/door.conf.
# shellcheck disable=SC2154
door_open() {
  case $door in
    timed) kernel_open "$1" "timeout ${open_seconds}s" ;;
    held) kernel_open "$1" '' ;;
  esac
}

kernel_open() { door_admit "$(door_set "$1")" "$1" "$2" || { [ -e "$FALLBACK" ] && direct_open "$1"; }; }

# Where the kernel refuses sets with a time, the sealed copy has a chain for rules instead; whoever opens shuts it again.
# shellcheck disable=SC2154
direct_open() {
  direct_close "$1"
  case $1 in *:*) direct_match=ip6 ;; *) direct_match=ip ;; esac
  nft add rule inet postern door "$direct_match" saddr "$1" tcp dport "$ssh_port" accept || return 1
  [ "$door" = held ] || ask_systemd systemd-run --quiet --collect --on-active="$open_seconds" /usr/local/lib/postern/door close "$1"
}

direct_close() {
  nft -a list chain inet postern door | sed -n "s/^[[:space:]]*ip6\{0,1\} saddr $1 tcp .*# handle \([0-9]*\)\$/\1/p" |
    while read -r handle; do nft delete rule inet postern door handle "$handle"; done
}

# door_admit SET ADDRESS TIME: anew, so that the time counts from now; one that is in a set already would keep its own.
door_admit() {
  nft "add element inet postern $1 { $2 $3 }; delete element inet postern $1 { $2 }; add element inet postern $1 { $2 $3 }"
}

door_close() { kernel_close "$1"; }

kernel_close() {
  nft "add element inet postern $(door_set "$1") { $1 }; delete element inet postern $(door_set "$1") { $1 }" ||
    { [ -e "$FALLBACK" ] && direct_close "$1"; }
}

door_list() { door_members door4; door_members door6; }

door_members() {
  nft list set inet postern "$1" 2>/dev/null | tr ',{}' '\n' | sed -n 's/^[[:space:]]*\([0-9a-f]*[.:][0-9a-f.:]*\)\( .*\)\{0,1\}$/\1/p'
}

door_forget() {
  nft flush set inet postern "door$1"
  rm -f "/run/postern/door$1"
}

# An element that is over leaves the set, so those who knocked are remembered beside it.
door_time() {
  mkdir -p /run/postern
  { cat "/run/postern/door$2" 2>/dev/null || :; door_members "door$2"; } | sort -u >"/run/postern/door$2.next"
  mv "/run/postern/door$2.next" "/run/postern/door$2"
  while read -r door_member; do door_admit "door$2" "$door_member" "timeout ${1}s"; done <"/run/postern/door$2"
}
