# shellcheck shell=sh
# firewalld: a rich rule for each knocker's address in the zone of the interface, and before firewalld's chains the table
# `inet postern` that lets nobody through to the ssh port whose address is not in its set door4 or door6. Installed
# behind nftables.sh, whose sets these are, and with closed.sh and closed-table.sh as /usr/local/lib/postern/firewall; ufw.sh says what every backend has.

# --timeout: D-Bus gives up after 25 s, and on a slow host firewalld takes longer.
#
# firewalld answers as soon as its rules are in force. What it left in force when it was stopped is still there then, and
# the new rules behind it; reloaded, it has the new ones alone.
rules_ready() {
  [ "$(busctl --timeout=80 get-property $FIREWALLD $FIREWALLD_AT $FIREWALLD state)" = 's "RUNNING"' ] || return 1
  if nft list chain inet firewalld filter_INPUT | sort | uniq -d | grep -q jump; then
    busctl --timeout=80 --quiet call $FIREWALLD $FIREWALLD_AT $FIREWALLD reload
  fi
}

FIREWALLD=org.fedoraproject.FirewallD1 FIREWALLD_AT=/org/fedoraproject/FirewallD1

# Until firewalld's own rules are in force, and where they can't be, the sealed copy is in the place of the guard.
rules_boot() {
  firewalld_ok || { firewalld_answers && firewalld_ok; } || { firewalld_again; return 1; }
  rules_load
}

# When firewalld was last told to stop, or to try once more.
TRIED=/run/postern/firewalld.tried

# firewalld_again: what it was stopped for (closed_manager) may be over: somebody has mended a file, or a disk has room
# again. It tries once more, behind the sealed copy; what follows its start says what came of it.
firewalld_again() {
  was_stopped || return 0
  if manager_failed; then closed_manager; return; fi
  [ -z "$(find "$TRIED" -mmin -10 2>/dev/null)" ] || [ -n "$(find /etc/firewalld /etc/postern -newer "$TRIED" ! -newermt now | head -n 1)" ] || return 0
  touch "$TRIED" 2>/dev/null || return 0
  # One that runs and has failed to load its rules does not notice a start.
  systemctl -q --no-block restart firewalld.service
}

was_stopped() { grep -qs '^stopped=firewalld.service$' "$FALLBACK"; }

# manager_failed: it has, when it tried once more. Whoever asks is the command that follows its end, or somebody who sees systemd
# about to start it again and again, which would put its zone before the sealed copy each time.
manager_failed() {
  was_stopped || return 1
  case ${SERVICE_RESULT:-} in
    '') [ "$(systemctl show -p SubState --value firewalld.service)" = auto-restart ] ;;
    success) return 1 ;;
  esac
}

# It answers when it has reloaded.
firewalld_answers() {
  systemctl -q is-active firewalld.service &&
    timeout 30 busctl get-property $FIREWALLD $FIREWALLD_AT $FIREWALLD state >/dev/null 2>&1
}

rules_ok() {
  table_ok || return 1
  # The sealed copy instead of the guard.
  wrong='the table inet postern drops what firewalld lets in'
  case $listed in *'policy drop;'*) return 1 ;; esac
  firewalld_ok
}

# Do packets end in the zone, and does it drop what nothing lets in? Without its daemon too: its rules stay.
firewalld_ok() {
  wrong='firewalld has no rules in force'
  listed=$(nft list table inet firewalld 2>/dev/null) || return 1
  wrong="firewalld's zone is not known: /etc/postern/firewalld.zone cannot be read"
  read -r zone </etc/postern/firewalld.zone || return 1
  wrong="no packet gets to firewalld's zone $zone"
  sent=$(firewalld_part 'filter_INPUT_\(ZONES\|POLICIES\)')
  case $sent in *"filter_IN_$zone
"*) ;; *) return 1 ;; esac
  wrong="firewalld's zone $zone is not the one of this host's posture"
  { firewalld_part "filter_IN_$zone"; printf '%s\n' "$sent"; } | grep -q '^[[:space:]]*\(iifname .* \)\{0,1\}drop$' || return 1
  wrong=
}

firewalld_part() { printf '%s\n' "$listed" | sed -n "/chain $1 {/,/}/p"; }

# Its own last command after the start knows that it has come as far as it will; that is the one which systemd tells the
# process it belongs to. For anybody else it may still be about to load its rules, which takes long on a slow host.
#
# Killed, it is about to be started anew; this is what systemd tells the command that follows its end.
rules_pending() {
  case ${SERVICE_RESULT:-} in
    # Not for ever, if it is killed each time.
    signal | core-dump | oom-kill) [ "$(systemctl show -p NRestarts --value firewalld.service)" -lt 5 ]; return ;;
  esac
  manager_starts firewalld.service || { [ "$?" -eq 2 ] && [ -z "${MAINPID:-}" ]; }
}

# Its zone would drop, or refuse, what the sealed copy lets in.
closed_manager() {
  # shellcheck disable=SC2034 # told by closed.sh
  stopped=firewalld.service
  systemctl -q --no-block stop firewalld.service
  nft delete table inet firewalld 2>/dev/null || :
  # Killed while it loads its rules, it leaves a table that drops everything.
  nft delete table inet firewalld_policy_drop 2>/dev/null || :
  touch "$TRIED" 2>/dev/null || :
}

closed_stamp() {
  stat -c '%n %s %Y' /etc/firewalld/firewalld.conf /etc/firewalld/zones/*
  firewalld_ok || echo "$wrong"
}

rules_unload() {
  systemctl stop firewalld.service
  nft delete table inet firewalld 2>/dev/null || :
  nft delete table inet firewalld_policy_drop 2>/dev/null || :
  nft delete table inet postern 2>/dev/null || :
  rules_left
}

# The kernel's set first: firewalld takes a moment.
# shellcheck disable=SC2154 # from /etc/postern/door.conf
door_open() {
  case $door in
    timed)
      kernel_open "$1" "timeout ${open_seconds}s" || return 1
      rich_rule removeRichRule ss "$1" 2>/dev/null || :
      rich_rule addRichRule ssi "$1" "$open_seconds"
      ;;
    held)
      kernel_open "$1" '' || return 1
      rich_rule removeRichRule ss "$1" 2>/dev/null || :
      rich_rule addRichRule ssi "$1" 0
      ;;
  esac
}

door_close() {
  kernel_close "$1"
  rich_rule removeRichRule ss "$1" 2>/dev/null || :
  forgotten_rules "$1"
}

# forgotten_rules ADDRESS: those that a rollback put back with the table, of which firewalld does not know.
# shellcheck disable=SC2154 # ssh_port is in /etc/postern/door.conf
forgotten_rules() {
  read -r zone </etc/postern/firewalld.zone
  nft -a list chain inet firewalld "filter_IN_${zone}_allow" 2>/dev/null |
    sed -n "s/^[[:space:]]*ip6\{0,1\} saddr $1 tcp dport $ssh_port .*accept # handle \([0-9]*\)\$/\1/p" |
    while read -r handle; do nft delete rule inet firewalld "filter_IN_${zone}_allow" handle "$handle"; done
}

# rich_rule METHOD SIGNATURE ADDRESS [SECONDS]: in force now, never permanently. firewalld's own interface, which
# firewall-cmd starts a Python for.
# shellcheck disable=SC2154 # ssh_port is in /etc/postern/door.conf
rich_rule() {
  # The sealed copy is in force instead of firewalld.
  [ ! -e "$FALLBACK" ] || return 0
  case $3 in *:*) rich_family=ipv6 ;; *) rich_family=ipv4 ;; esac
  read -r zone </etc/postern/firewalld.zone
  busctl --timeout=80 --quiet call $FIREWALLD $FIREWALLD_AT $FIREWALLD.zone \
    "$1" "$2" "$zone" "rule family=\"$rich_family\" source address=\"$3\" port port=\"$ssh_port\" protocol=\"tcp\" accept" ${4:+"$4"}
}
