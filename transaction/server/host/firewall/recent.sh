# shellcheck shell=sh
# The door as a list of the kernel's own (xt_recent), /proc/net/xt_recent/postern4 and postern6: whoever is on it may
# make new connections to the ssh port, for as long as the rule of the chain says. A dead daemon leaves nothing open.

recent_list_of() {
  case $1 in
    *:*) echo /proc/net/xt_recent/postern6 ;;
    *) echo /proc/net/xt_recent/postern4 ;;
  esac
}

# Anew, so that the time counts from this knock.
recent_open() { echo "+$1" >"$(recent_list_of "$1")" || direct_open "$1"; } 2>/dev/null

recent_close() { echo "-$1" >"$(recent_list_of "$1")" || direct_close "$1"; } 2>/dev/null

# Where the kernel has no such lists, the sealed copy has a chain for rules instead (closed-chain.sh); whoever opens
# shuts it again.
# shellcheck disable=SC2154 # from /etc/postern/door.conf
direct_open() {
  direct_close "$1"
  direct_rule -I "$1" || return 1
  [ "$door" = held ] || ask_systemd systemd-run --quiet --collect --on-active="$open_seconds" /usr/local/lib/postern/door close "$1"
}

direct_close() {
  while direct_rule -D "$1" 2>/dev/null; do :; done
}

# shellcheck disable=SC2154
direct_rule() {
  case $2 in *:*) direct_tool=ip6tables ;; *) direct_tool=iptables ;; esac
  "$direct_tool" -w 10 "$1" POSTERN-DOOR -s "$2" -p tcp -m tcp --dport "$ssh_port" -j ACCEPT
}

recent_list() {
  for recent_name in postern4 postern6; do
    [ ! -r "/proc/net/xt_recent/$recent_name" ] || sed -n 's/^src=\([^ ]*\) .*/\1/p' "/proc/net/xt_recent/$recent_name"
  done
}

# recent_forget FAMILY
recent_forget() {
  [ ! -w "/proc/net/xt_recent/postern$1" ] || echo / >"/proc/net/xt_recent/postern$1"
}

# recent_time SECONDS CHAIN-FILE FAMILY: the chain with another time; the knocks on the list count by that one.
recent_time() {
  case $3 in 4) recent_tool=iptables ;; 6) recent_tool=ip6tables ;; esac
  sed "s/--seconds [0-9]*/--seconds $1/" "$2" | "$recent_tool-restore" -w 10 -n &&
    backstop_load "$recent_tool" "$1"
}
