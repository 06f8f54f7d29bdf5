# shellcheck shell=sh
# What a sealed host has to look like, and where it differs. Sourced by agent.sh.

# manifest: one line for every managed thing, `file <path> <sha256> <mode> <owner>`, `unit …`, `another sshd …`, `rule …`.
manifest() {
  # The firewall that the host was sealed with, whatever a change since then wanted.
  # shellcheck source=firewall/ufw.sh
  . "$AGENT/firewall/$(get "$STATE/sealed/plan" firewall).sh"
  # shellcheck source=knock/knockd.sh
  . "$AGENT/knock/$(get "$STATE/sealed/plan" knock).sh"
  . "$AGENT/guard.sh"
  managed_files "${1:-$PAYLOAD/touch}"
  # shellcheck disable=SC2086 # lists of units
  unit_states "$SSH_UNIT" $KNOCK_UNITS $FIREWALL_UNITS $FIREWALL_LOADERS $GUARD_UNITS | while read -r unit enabled active; do
    # These only load rules: `ufw enable` does it without its unit, a boot by it. The rules are compared themselves.
    case " $FIREWALL_LOADERS " in *" $unit "*) active= ;; esac
    # For a second after each change the guard ends and is started anew.
    case "$unit $active" in 'postern-guard.service activating') active=active ;; esac
    echo "unit $unit $enabled${active:+ $active}"
  done
  aging_line "$(get "$STATE/sealed/plan" admin_user)"
  other_access
  firewall_rules
  # In force instead of the rules (host/firewall/closed.sh).
  [ ! -f /run/postern/fallback ] || printf 'fallback %s\n' "$(sed -n 's/^reason=//p' /run/postern/fallback)"
}

# settled_manifest: the same, once no unit is on its way from one state to another, as one is that was just killed; for 10 s at
# most.
settled_manifest() {
  settled_tries=0
  manifest >"$TXN/manifest"
  while grep -Eq '^unit [^ ]+ [^ ]+ (activating|deactivating|reloading)$' "$TXN/manifest" && [ "$settled_tries" -lt 20 ]; do
    settled_tries=$((settled_tries + 1))
    sleep 0.5
    manifest >"$TXN/manifest"
  done
  cat "$TXN/manifest"
}

# What decides besides our own files who gets in by ssh: those that the configuration names, and other daemons.
other_access() {
  for path in $(get "$STATE/sealed/plan" access_files); do
    [ ! -f "$path" ] || printf 'file %s %s %s\n' "$path" "$(sha256sum <"$path" | cut -d' ' -f1)" "$(stat -c '%a %U:%G' "$path")"
  done
  cat "$AGENT/host/systemd.sh" "$AGENT/facts-sshd.sh" | sh | sed -n 's/^sshd_other=/another sshd on port /p' || :
}

# What a knock writes into a managed file does not count; the backend knows more.
without_doors() { cat "$1"; }

managed_files() {
  set -- "$1"
  while IFS= read -r path; do
    case $path in
      */postern-backup* | /etc/ssh/ssh_host_* | */postern/closed/knockers) continue ;;
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

# inspect: the lines of the manifest that are no longer true, `-` as sealed, `+` as found; nothing when all are. What the
# host is about to mend by itself, as after a boot, is none of them.
inspect() {
  [ -f "$STATE/sealed/manifest" ] || fail 'this host was never sealed, or its record is gone'
  differing=$(compared)
  [ -z "$differing" ] || {
    await_steady
    # The first look may have been at what is mended by now.
    differing=$(compared)
  }
  [ -z "$differing" ] || printf '%s\n' "$differing"
}

compared() { manifest "$STATE/sealed/touch" | diff "$STATE/sealed/manifest" - | sed -n 's/^< /-/p; s/^> /+/p'; }

# await_steady: for 12 s at most, in which the guard looks three times.
await_steady() {
  steady_end=$(($(date +%s) + 12))
  until steady || [ "$(date +%s)" -ge "$steady_end" ]; do sleep 1; done
}

# steady: the guard (host/guard.sh) has nothing to mend, and no manager of the firewall is between two sets of rules.
steady() {
  [ ! -e /run/postern/unloaded ] || return 0
  # shellcheck source=/dev/null
  ( . /etc/postern/door.conf && . /usr/local/lib/postern/firewall && [ ! -e "$FALLBACK" ] && rules_ok ) 2>/dev/null || return 1
  # shellcheck disable=SC2046 # a list of units
  case $(systemctl show -p ActiveState --value $(sed -n "s/^units='\(.*\)'\$/\1/p" /usr/local/lib/postern/guard) | tr '\n' ' ') in
    *inactive* | *failed* | *activating* | *reloading*) return 1 ;;
  esac
}
