# shellcheck shell=sh
# What a host does when its rules cannot be loaded: it stays shut, and its owner still gets in. Part of
# /usr/local/lib/postern/firewall for every backend; run by host/closed at boot, at a reload, when a manager of the
# firewall has started or failed, and by the guard.
#
# In this order: the rules of /etc/postern (and of ufw or firewalld); the copy that was sealed, which is a whole posture
# and needs no manager; the copy rule by rule, without what is refused, and the ssh port for the owner's last addresses.
#
#   rules_boot       puts the ordinary rules in force; fails where they, or those of the manager, are not
#   rules_ok         are they? $wrong says what is lacking. Cheap: the guard asks all the time
#   rules_pending    is a manager still about to load its own?
#   rules_busy       is somebody loading them anew?
#   closed_load      puts the sealed copy in force, as a whole or in pieces ($level); fails where nothing is to be had
#   closed_in_force  is it?
#   closed_manager   takes out of its way what would drop what it lets in; $stopped is the unit that is to stay down
#   closed_stamp     changes when it is worth trying the ordinary rules again

# A backend with a manager has these of its own, defined behind the ones for those without:
rules_pending() { return 1; }

rules_busy() { return 1; }

closed_manager() { :; }

manager_failed() { return 1; }

closed_stamp() { :; }

# manager_starts UNIT: is its start still to end, or to begin? One that is ending is started anew, by systemd or by the guard.
# Status 2: it has started, and runs the commands that follow.
manager_starts() {
  case $(systemctl show -p ActiveState,SubState,Job "$1" | tr '\n' ' ') in
    *'SubState=start-post '*) return 2 ;;
    *Job=[1-9]* | *SubState=auto-restart*) ;;
    # Its own command after the end knows more by how that was.
    *ActiveState=deactivating*) [ -z "${SERVICE_RESULT:-}" ] ;;
    *) return 1 ;;
  esac
}

CLOSED=/var/lib/postern/closed
# What of all that is in force, where it is not the ordinary rules; read by `postern status`, `doctor` and the drift.
FALLBACK=/run/postern/fallback
# There where an administrator took the rules out of force by hand.
UNLOADED=/run/postern/unloaded

# rules_settle load | check: `load` always loads, `check` only where something is wrong, so that no open door is shut
# for nothing.
rules_settle() {
  [ ! -e "$UNLOADED" ] || return 0
  mkdir -p /run/postern
  # Asked first: a manager that ends while all this goes on has been seen halfway, and is looked at once more by who waits
  # for the lock, or by the guard.
  pending=
  ! rules_pending || pending=yes
  if [ "$1" = check ]; then
    if [ ! -e "$FALLBACK" ]; then
      ! rules_ok || return 0
      # Whoever is loading them anew, as `ufw reload` does, is given a moment; and more where he is seen at it, behind the
      # sealed copy.
      [ -n "$pending" ] || {
        sleep 1
        ! rules_ok || return 0
        ! rules_busy || { closed_load || :; await_idle; }
      }
    elif tried_lately && fallback_holds && ! manager_failed; then
      return 0
    fi
  fi
  wrong=
  if rules_boot 2>/run/postern/refusal && rules_ok; then
    settled
    return 0
  fi
  # Loaded again, the copy would shut the doors that are open.
  if [ "$1" = check ] && fallback_holds; then
    touch "$FALLBACK"
    return 0
  fi
  reason="${wrong:-the rules cannot be loaded}$(refusal)"
  level=
  closed_load || return 1
  [ -n "$pending" ] || rules_pending || {
    stopped=
    closed_manager
    fallen_back
  }
}

# What rules_unload of every backend ends with: nothing puts the rules in force again before the next boot.
rules_left() {
  mkdir -p /run/postern
  : >"$UNLOADED"
}

# await_idle: for 20 s at most.
await_idle() {
  busy_looks=0
  while rules_busy && [ "$busy_looks" -lt 20 ]; do
    busy_looks=$((busy_looks + 1))
    sleep 1
  done
}

# fallback_holds: it is in force, and nothing has changed since the ordinary rules were tried.
fallback_holds() { [ "stamp=$(stamp)" = "$(sed -n 1p "$FALLBACK" 2>/dev/null)" ] && closed_in_force; }

# What was in the way of the ordinary rules may have gone without a trace in what stamp looks at.
tried_lately() { [ -n "$(find "$FALLBACK" -mmin -1)" ]; }

stamp() {
  { stat -c '%n %s %Y' /etc/postern/* /usr/local/lib/postern/firewall; closed_stamp; } 2>/dev/null | sha256sum | cut -d' ' -f1
}

# What was refused, without anything that may be a port of a sequence.
refusal() {
  sed -n ':again; s/\(^\|[^0-9]\)[0-9]\{4,5\}\([^0-9]\|$\)/\1*\2/; t again; /[Ee]rror\|refuse\|failed\|not found\|No such\|Couldn/{s/^/ (/; s/$/)/; p; q}' /run/postern/refusal |
    tr -cd '[:print:]' | cut -c 1-200
}

settled() {
  [ -e "$FALLBACK" ] || return 0
  least_unload
  rm -f "$FALLBACK"
  announce 'the rules of this host are in force again'
}

# least_unload: takes out of force what a host does whose programs were all damaged (host/closed). $least_policy is what
# INPUT of iptables had before, where nftables decides.
least_unload() {
  grep -qs '^level=least$' "$FALLBACK" || return 0
  nft delete table inet postern_least 2>/dev/null || :
  for tool in iptables ip6tables; do
    "$tool" -w 10 -S POSTERN-LEAST >/dev/null 2>&1 || continue
    [ -z "$least_policy" ] || {
      "$tool" -w 10 -P INPUT "$least_policy"
      "$tool" -w 10 -D OUTPUT -j POSTERN-OUTPUT 2>/dev/null && "$tool" -w 10 -F POSTERN-OUTPUT && "$tool" -w 10 -X POSTERN-OUTPUT
    } || :
    "$tool" -w 10 -D INPUT -j POSTERN-LEAST 2>/dev/null || :
    "$tool" -w 10 -F POSTERN-LEAST
    "$tool" -w 10 -X POSTERN-LEAST
  done
}

fallen_back() {
  least_unload
  since=$(sed -n 's/^since=//p' "$FALLBACK" 2>/dev/null)
  before=$(sed -n 's/^reason=//p' "$FALLBACK" 2>/dev/null)
  # Of a manager that is stopped nothing more is to be learned than that.
  [ -z "$stopped" ] || [ -z "$before" ] || reason=$before
  printf '%s\n' "stamp=$(stamp)" "since=${since:-$(date -u +%FT%TZ)}" "level=$level" "reason=$reason" "stopped=$stopped" >"$FALLBACK.next"
  mv -f "$FALLBACK.next" "$FALLBACK"
  [ "$before" = "$reason" ] || announce "$reason. In force instead: $(level_words)"
}

level_words() {
  case $level in
    copy) echo 'the sealed copy of the rules' ;;
    *) echo 'what the kernel takes of the sealed copy, and the ssh port for the last known addresses of the owner' ;;
  esac
}

# One line in the journal; also where there is no logger yet.
announce() { printf 'postern: %s\n' "$*" >&2; }

# whole_copy NAME: is that file of the sealed copy as it was written?
whole_copy() {
  [ -f "$CLOSED/$1" ] && (cd "$CLOSED" && grep "  $1\$" sums | sha256sum -c --status -) 2>/dev/null
}

# last_sources: addresses that the owner came from, one a line.
last_sources() { sed -n 's/^source \([0-9a-fA-F.:]*\)$/\1/p' "$CLOSED/sources" "$CLOSED/knockers" 2>/dev/null | sort -u; }
