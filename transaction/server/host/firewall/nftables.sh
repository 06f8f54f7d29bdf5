# shellcheck shell=sh
# nftables without a manager: the table `inet postern`, whose sets door4 and door6 hold those who knocked. Installed as
# /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

rules_load() { nft -f /etc/postern/firewall.nft; }

rules_ok() { nft list chain inet postern input >/dev/null 2>&1; }

rules_recover() { rules_load; }

# rules_behind [FILE]: what FILE has, or nothing of anybody's, and ours, in one step.
rules_behind() {
  {
    if [ "$#" -gt 0 ]; then printf 'include "%s"\n' "$1"; else echo 'flush ruleset'; fi
    echo 'include "/etc/postern/firewall.nft"'
  } | nft -f -
}

rules_unload() { nft delete table inet postern 2>/dev/null || :; }

door_set() { case $1 in *:*) echo door6 ;; *) echo door4 ;; esac; }

# door, ssh_port and open_seconds come from /etc/postern/door.conf.
# shellcheck disable=SC2154
door_open() {
  case $door in
    timed) door_admit "$(door_set "$1")" "$1" "timeout ${open_seconds}s" ;;
    held) door_admit "$(door_set "$1")" "$1" '' ;;
  esac
}

# door_admit SET ADDRESS TIME: anew, so that the time counts from now; one that is in a set already would keep its own.
door_admit() {
  nft "add element inet postern $1 { $2 $3 }; delete element inet postern $1 { $2 }; add element inet postern $1 { $2 $3 }"
}

door_close() {
  nft "add element inet postern $(door_set "$1") { $1 }; delete element inet postern $(door_set "$1") { $1 }"
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
