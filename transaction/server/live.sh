# shellcheck shell=sh
# The rules in force in the kernel, whichever manager put them there: saved before a change, put back exactly by its
# undo. Sourced by agent.sh and arm.sh, with backup-rules.sh.
#
# Two kinds: what iptables keeps (its tables of IPv4 and IPv6), and the other tables of nftables.

# save_rules FOLDER: live.v4 and live.v6 as iptables-save prints them; live.chains as nft_chains does; nft.1, nft.2 … one
# table each, as nft lists it, with the same without counters beside it (.stateless). Last live.sums, the sums of all of
# them: restore_rules puts nothing back without it.
save_rules() {
  rule_tools >"$1/live.tools"
  if command -v iptables-save >/dev/null 2>&1; then
    # Without what the backup door has, which is none of the host's: tools that packages bring are asked later.
    iptables-save | without_backup >"$1/live.v4"
    ip6tables-save | without_backup >"$1/live.v6"
  fi
  ! command -v nft >/dev/null 2>&1 || save_tables "$1"
  (
    cd "$1" || exit 1
    set -- live.*
    [ ! -f nft.1 ] || set -- "$@" nft.*
    sha256sum "$@" >sums.next && mv -f sums.next live.sums
  )
}

rule_tools() {
  for tool in iptables-save nft; do command -v "$tool" || :; done
}

save_tables() {
  nft_chains >"$1/live.chains"
  save_count=0
  nft_tables "$1" <"$1/live.chains" | while read -r family table; do
    save_count=$((save_count + 1))
    nft list table "$family" "$table" | without_backup_nft >"$1/nft.$save_count"
    nft -s list table "$family" "$table" | without_backup_nft >"$1/nft.$save_count.stateless"
  done
}

# saved_whole FOLDER: is everything there that save_rules wrote? What half of it does not have would be taken for rules
# that were not in force, and deleted. An origin from before there were sums is believed.
saved_whole() {
  if [ ! -f "$1/live.sums" ] && [ "$1" = "$STATE/origin/snapshot" ]; then return 0; fi
  (cd "$1" && sha256sum --status -c live.sums) 2>/dev/null
}

# nft_chains: a line `family table` for every table in force, and `family table chain` for each of its chains; without
# the guard of the backup port, which is none of the host's and ends with the backup sshd.
nft_chains() {
  nft list chains | while read -r word name of _; do
    case $word in table) table="$name $of" ;; esac
    [ "$table" != 'inet postern_backup' ] || continue
    case $word in
      table) echo "$table" ;;
      chain) echo "$table $name" ;;
    esac
  done
}

# nft_tables FOLDER <CHAINS: `family table` of every table that is not among the iptables tables saved in FOLDER.
nft_tables() {
  nft_kept=
  [ ! -s "$1/live.v4" ] || nft_kept=$(sed -n 's/^\*\(.*\)/|ip \1|/p' "$1/live.v4")
  [ ! -s "$1/live.v6" ] || nft_kept=$nft_kept$(sed -n 's/^\*\(.*\)/|ip6 \1|/p' "$1/live.v6")
  while read -r family table chain; do
    [ -z "$chain" ] || continue
    case $nft_kept in *"|$family $table|"*) ;; *) echo "$family $table" ;; esac
  done
}

# restore_rules FOLDER: exactly what was saved there, and no other tables. First everything that was in force comes back, and then
# the rest goes: between the two both stop packets, and no moment is without either.
restore_rules() {
  if ! saved_whole "$1"; then
    say "the rules that were in force before cannot be read from $1 any more; those in force stay"
    return 1
  fi
  restore_failed='' restore_known='
'
  for saved in "$1"/nft.*.stateless; do
    [ -f "$saved" ] || continue
    read -r _ family table _ <"$saved"
    restore_known="$restore_known$family $table
"
    restore_table "$family" "$table" "${saved%.stateless}" || restore_failed=yes
  done
  # After those, because tables of iptables that stop nothing may have been saved beside them.
  if command -v iptables-restore >/dev/null 2>&1; then
    restore_family iptables "$1/live.v4" || restore_failed=yes
    restore_family ip6tables "$1/live.v6" || restore_failed=yes
    remove_tables iptables "$1/live.v4" ip
    remove_tables ip6tables "$1/live.v6" ip6
  fi
  [ -f "$1/live.chains" ] || { [ -z "$restore_failed" ]; return; }
  restore_chains "$1/live.chains"
  for table in $(nft_chains | nft_tables "$1" | grep -Fvx -e "$restore_known" | tr ' ' '/'); do
    nft delete table "${table%%/*}" "${table#*/}" || restore_failed=yes
  done
  [ -z "$restore_failed" ]
}

# restore_chains CHAINS: iptables-save names chains that are not there, and iptables-restore makes them. They do nothing,
# but they were not there.
restore_chains() {
  nft_chains | grep -Fvx -f "$1" | while read -r family table chain; do
    case $family$chain in ipFORWARD | ip6FORWARD | ip*OUTPUT | ip*INPUT | ip*PREROUTING | ip*POSTROUTING)
      nft delete chain "$family" "$table" "$chain" 2>/dev/null || :
      ;;
    esac
  done
}

# restore_family TOOL SAVED: the saved tables.
restore_family() {
  restore_tries=0
  until [ ! -s "$2" ] || unguarded "$2" | "$1-restore" -w 10; do
    restore_tries=$((restore_tries + 1))
    [ "$restore_tries" -lt 3 ] || {
      open_up "$1"
      return 1
    }
    sleep 1
  done
}

# remove_tables TOOL SAVED NFT-FAMILY: those that are not among them.
remove_tables() {
  for table in $("$1-save" 2>/dev/null | sed -n 's/^\*//p'); do
    grep -q "^\*$table\$" "$2" 2>/dev/null && continue
    ! guards "$table" || continue
    # Put back just now, as a table of nftables that iptables happens to understand; what goes then is a legacy table of that name.
    case $restore_known in *"
$3 $table
"*)
      case $("$1" -V) in *legacy*) empty_table "$1" "$table" ;; esac
      continue
      ;;
    esac
    nft delete table "$3" "$table" 2>/dev/null || empty_table "$1" "$table"
  done
}

# Without nft a table can't be removed; empty with an accepting policy it does nothing.
empty_table() {
  for chain in $("$1-save" -t "$2" | sed -n 's/^:\([A-Z]*\) [A-Z]* .*/\1/p'); do "$1" -w 10 -t "$2" -P "$chain" ACCEPT; done
  "$1" -w 10 -t "$2" -F
  "$1" -w 10 -t "$2" -X
}

# The last resort: reachable and unprotected beats protected and unreachable.
open_up() {
  "$1" -w 10 -P INPUT ACCEPT
  "$1" -w 10 -F INPUT
  # host/firewall/backstop.sh
  "$1" -w 10 -t security -D INPUT -j POSTERN-BACKSTOP 2>/dev/null || :
}

# restore_table FAMILY TABLE SAVED: in one step, and not at all where nothing differs but counters.
restore_table() {
  # At boot firewalld makes its table by itself, and would put its rules behind those that are there.
  [ -z "${rollback_block:-}" ] || [ "$1 $2" != 'inet firewalld' ] || return 0
  # Empty lines are not saved, and were by an earlier Postern.
  [ "$(nft -s list table "$1" "$2" 2>/dev/null | sed '/^$/d')" != "$(restorable "$1 $2" "$3.stateless" | sed '/^$/d')" ] || return 0
  {
    printf 'table %s %s {}\ndelete table %s %s\n' "$1" "$2" "$1" "$2"
    restorable "$1 $2" "$3"
  } | nft -f - && return 0
  # The last resort, as above.
  nft delete table "$1" "$2"
  return 1
}

# restorable TABLE SAVED: a timed door that was open in firewalld is not put back. firewalld itself would have shut it,
# and has forgotten it.
restorable() {
  if [ "$1" = 'inet firewalld' ] && grep -qs '^door=timed' /etc/postern/door.conf; then
    sed "/ saddr [^ ]* tcp dport $(get /etc/postern/door.conf ssh_port) .*accept\$/d" "$2"
  else
    cat "$2"
  fi
}
