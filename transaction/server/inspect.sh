# shellcheck shell=sh
# What a sealed host has to look like, and where it differs. Sourced.

# manifest: one line for every managed thing, `file <path> <sha256> <mode> <owner>`, `unit …`, `rule …`.
manifest() {
  managed_files "${1:-$PAYLOAD/touch}"
  unit_states ssh.service knockd.service ufw.service postern-chain.service | while read -r unit enabled active; do
    # These only load rules: `ufw enable` does it without its unit, a boot by it. The rules are compared below.
    case $unit in ufw.service | postern-chain.service) active= ;; esac
    echo "unit $unit $enabled${active:+ $active}"
  done
  for tool in iptables ip6tables; do
    printf 'rules %s %s\n' "$tool" "$(rules_in_force "$tool" | sha256sum | cut -d' ' -f1)"
  done
}

managed_files() {
  set -- "$1"
  while IFS= read -r path; do
    case $path in
      */postern-backup* | /etc/ssh/ssh_host_*) continue ;;
      /etc/ufw/user*.rules)
        [ ! -f "$path" ] || printf 'file %s %s %s\n' "$path" "$(without_doors "$path" | sha256sum | cut -d' ' -f1)" "$(stat -c '%a %U:%G' "$path")"
        ;;
      *) [ ! -f "$path" ] || set -- "$@" "$path" ;;
    esac
  done <"$1"
  shift
  [ "$#" -gt 0 ] || return 0
  # All at once: programs are what costs here.
  sha256sum "$@" | while read -r sum path; do
    IFS= read -r mode <&3
    printf 'file %s %s %s\n' "$path" "$sum" "$mode"
  done 3<<EOF
$(stat -c '%a %U:%G' "$@")
EOF
}

# Chain by chain, because a reboot may make the chains in another order; without the doors that are held open by a
# knock. A rule for the backup port is not left out: on a sealed host it should not be.
rules_in_force() {
  "$1-save" -t filter | grep -Ev '^(#|:)' | grep -Fvx -e "$(held_doors "$1")" | sort -s -k 2,2
}

# `postern door` in hexadecimal is how ufw marks the rule of a held door, with the rule itself on the next line.
DOOR_MARK='comment=706f737465726e20646f6f72'

without_doors() {
  case $1 in
    /etc/ufw/user*.rules) sed "/$DOOR_MARK/,/^-A/d" "$1" | grep . ;;
    *) cat "$1" ;;
  esac
}

# held_doors TOOL: those rules as the kernel prints them.
held_doors() {
  case $1 in
    iptables) held_file=/etc/ufw/user.rules held_bits=32 ;;
    ip6tables) held_file=/etc/ufw/user6.rules held_bits=128 ;;
  esac
  sed -n "/$DOOR_MARK/,/^-A/s/^-A \([^ ]*\) -p tcp --dport \([0-9]*\) -s \([^ ]*\) -j ACCEPT\$/-A \1 -s \3\/$held_bits -p tcp -m tcp --dport \2 -j ACCEPT/p" "$held_file"
}

# inspect: the lines of the manifest that are no longer true, `-` as sealed, `+` as found; nothing when all are.
inspect() {
  [ -f "$STATE/sealed/manifest" ] || fail 'this host was never sealed, or its record is gone'
  manifest "$STATE/sealed/touch" | diff "$STATE/sealed/manifest" - | sed -n 's/^< /-/p; s/^> /+/p'
}
