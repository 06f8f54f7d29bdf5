# shellcheck shell=sh
# A chain of our own that INPUT jumps to first.

# chain_load TOOL FILE CHAIN: FILE is in iptables-restore's format. Where the kernel counts the knocks, its chains, which
# ours jumps to, come first.
chain_load() {
  case $1 in iptables) chain_knocks=/etc/postern/knock.v4 ;; ip6tables) chain_knocks=/etc/postern/knock.v6 ;; esac
  [ ! -f "$chain_knocks" ] || "$1-restore" -w 10 -n <"$chain_knocks"
  # Declaring the chain empties it, and all of it is exchanged at once: no moment is without rules.
  if [ "$("$1" -w 10 -S INPUT | sed -n '2p')" = "-A INPUT -j $3" ]; then
    "$1-restore" -w 10 -n <"$2"
  else
    sed "s/^COMMIT/-I INPUT 1 -j $3\\n&/" "$2" | "$1-restore" -w 10 -n
  fi
  # First in INPUT, once.
  while [ "$("$1" -w 10 -S INPUT | grep -c "^-A INPUT -j $3\$")" -gt 1 ]; do
    "$1" -w 10 -D INPUT "$("$1" -w 10 -S INPUT | sed 1d | grep -n "^-A INPUT -j $3\$" | tail -n 1 | cut -d: -f1)"
  done
}

# chain_first TOOL CHAIN: INPUT jumps to it first.
chain_first() {
  chain_rules=$("$1" -w 10 -S INPUT 2>/dev/null) || return 1
  # Behind the policy.
  case "${chain_rules#*
}
" in "-A INPUT -j $2
"*) ;; *) return 1 ;; esac
}

# chain_unload TOOL CHAIN
chain_unload() {
  "$1" -w 10 -D INPUT -j "$2" 2>/dev/null || :
  "$1" -w 10 -F "$2" 2>/dev/null || :
  "$1" -w 10 -X "$2" 2>/dev/null || :
}
