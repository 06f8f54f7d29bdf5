# shellcheck shell=sh
# The rules in force in the kernel, whichever manager put them there: saved before a change, put back exactly by its
# undo, and opened for the deployer on the backup port meanwhile. Sourced by agent.sh.
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

# nft_chains: a line `family table` for every table in force, and `family table chain` for each of its chains.
nft_chains() {
  nft list chains | while read -r word name of _; do
    case $word in
      table) table="$name $of"; echo "$table" ;;
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

# restore_rules FOLDER: exactly what was saved there, and no other tables.
restore_rules() {
  if ! saved_whole "$1"; then
    say "the rules that were in force before cannot be read from $1 any more; those in force stay"
    return 1
  fi
  restore_failed=
  if command -v iptables-restore >/dev/null 2>&1; then
    restore_family iptables "$1/live.v4" ip || restore_failed=yes
    restore_family ip6tables "$1/live.v6" ip6 || restore_failed=yes
  fi
  [ -f "$1/live.chains" ] || { [ -z "$restore_failed" ]; return; }
  restore_chains "$1/live.chains"
  restore_known=
  for saved in "$1"/nft.*.stateless; do
    [ -f "$saved" ] || continue
    read -r _ family table _ <"$saved"
    restore_known="$restore_known
$family $table"
    restore_table "$family" "$table" "${saved%.stateless}" || restore_failed=yes
  done
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

# restore_family TOOL SAVED NFT-FAMILY: exactly the saved tables, and no others.
restore_family() {
  restore_tries=0
  until [ ! -s "$2" ] || "$1-restore" -w 10 <"$2"; do
    restore_tries=$((restore_tries + 1))
    [ "$restore_tries" -lt 3 ] || {
      open_up "$1"
      return 1
    }
    sleep 1
  done
  for table in $("$1-save" 2>/dev/null | sed -n 's/^\*//p'); do
    grep -q "^\*$table\$" "$2" 2>/dev/null && continue
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
}

# restore_table FAMILY TABLE SAVED: in one step, and not at all where nothing differs but counters.
restore_table() {
  # At boot firewalld makes its table by itself, and would put its rules behind those that are there.
  [ -z "${undo_block:-}" ] || [ "$1 $2" != 'inet firewalld' ] || return 0
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

# The backup door's rules are in a chain of their own, and the chain's name is what they are known by: a comment is for
# anybody to write. An earlier Postern had rules with a comment instead; those of a change that it left unsealed are known
# by all that they say, for the port of this change.
old_backup_rule() {
  printf -- '-A INPUT -s [^ ]* -p tcp -m tcp --dport %s -m comment --comment postern-backup -j ACCEPT' "$(plan backup_port)"
}

old_backup_nft() { printf '[[:space:]]*ip6\{0,1\} saddr [^ ]* tcp dport %s accept comment "postern-backup"' "$(plan backup_port)"; }

# without_backup <RULES: as iptables-save prints them.
without_backup() { sed "/^#/d; /^:POSTERN-BACKUP /d; /^-A POSTERN-BACKUP /d; /^-A INPUT -j POSTERN-BACKUP\$/d; /^$(old_backup_rule)\$/d"; }

# without_backup_nft <TABLE: as nft lists it; empty lines are between its chains.
without_backup_nft() {
  sed "/^\tchain postern_backup {\$/,/^\t}\$/d; /^\t\tjump postern_backup\$/d; /^$(old_backup_nft)\$/d; /^\$/d"
}

# backup_open: lets the deployer's addresses in on the backup port, before everything else. Live only: nothing on disk
# would open the port again after a reboot.
backup_open() {
  for tool in iptables ip6tables; do
    listed=$(filter_rules "$tool")
    # Where no rules are loaded the port is open anyway, and looking would load tables.
    [ -n "$listed" ] || continue
    {
      printf '%s\n' '*filter' ':POSTERN-BACKUP - [0:0]'
      for address in $(plan deployer_addresses); do
        case $tool$address in iptables*:* | ip6tables*.*) continue ;; esac
        echo "-A POSTERN-BACKUP -s $address -p tcp -m tcp --dport $(plan backup_port) -j ACCEPT"
      done
      # Behind a chain that drops, it would be no use.
      [ "$(printf '%s\n' "$listed" | sed -n '/^-A INPUT /{p;q;}')" = '-A INPUT -j POSTERN-BACKUP' ] || echo '-I INPUT 1 -j POSTERN-BACKUP'
      echo COMMIT
    } | "$tool-restore" -w 10 -n
  done
  ! nft_in_use || backup_chains | while read -r family table chain; do backup_chain_open "$family" "$table" "$chain"; done
}

# backup_shut: takes all of them away, whoever they were made for; fails when one stays. What the kernel lists decides: a
# deletion also fails while another program holds the rules.
backup_shut() {
  unspare
  for tool in iptables ip6tables; do
    [ -n "$(backup_rules "$tool")" ] || continue
    refusal=$(
      # shellcheck disable=SC2086 # a rule as words, none of them quoted
      backup_rules "$tool" | sed -n 's/^-A INPUT /-D INPUT /p' | while IFS= read -r rule; do "$tool" -w 10 $rule 2>&1 || :; done
      { "$tool" -w 10 -F POSTERN-BACKUP && "$tool" -w 10 -X POSTERN-BACKUP; } 2>&1 || :
    )
    [ -z "$(backup_rules "$tool")" ] || fail "$tool still has a rule for the backup port: ${refusal:-another program added it anew}"
  done
  nft_in_use || return 0
  backup_chains | while read -r family table chain; do
    for handle in $(backup_handles "$family" "$table" "$chain"); do nft delete rule "$family" "$table" "$chain" handle "$handle" || :; done
    [ -z "$(backup_handles "$family" "$table" "$chain")" ] || fail "the chain $chain of the nftables table $family $table still has a rule for the backup port"
  done
  nft_chains | while read -r family table chain; do
    [ "$chain" != postern_backup ] || nft delete chain "$family" "$table" postern_backup ||
      fail "the nftables table $family $table still has the chain of the backup door"
  done
}

# backup_rules TOOL: what of the rules is the backup door's.
backup_rules() { filter_rules "$1" | sed -n "/^:POSTERN-BACKUP /p; /^-A INPUT -j POSTERN-BACKUP\$/p; /^$(old_backup_rule)\$/p"; }

filter_rules() {
  if command -v "$1-save" >/dev/null 2>&1; then "$1-save" -t filter; fi
}

# Are there tables that iptables does not know of, before the change or by it?
nft_in_use() {
  case $(plan firewall) in nftables | firewalld) return 0 ;; esac
  [ -f "$SNAPSHOT/nft.1" ]
}

# Every chain that decides on incoming packets: one that drops is final, whatever the others accept.
backup_chains() {
  nft list chains | sed -n 's/^table \([^ ]* [^ ]*\) .*/\1/; t table
    s/^\tchain \([^ ]*\) .*/\1/; t chain
    /hook input/ { g; s/\n/ /; p; }
    b
    :table
    h; b
    :chain
    G; s/\([^\n]*\)\n\([^\n]*\).*/\2\n\1/; h' | grep -v ' INPUT$'
}

# backup_chain_open FAMILY TABLE CHAIN
backup_chain_open() {
  {
    echo "add chain $1 $2 postern_backup"
    echo "flush chain $1 $2 postern_backup"
    for address in $(plan deployer_addresses); do
      case $1$address in ip6*:* | inet*:*) match=ip6 ;; ip6* | ip*:*) continue ;; *) match=ip ;; esac
      echo "add rule $1 $2 postern_backup $match saddr $address tcp dport $(plan backup_port) accept"
    done
    [ -n "$(backup_handles "$1" "$2" "$3")" ] || echo "insert rule $1 $2 $3 jump postern_backup"
  } | nft -f -
}

# The rules of this in a chain that decides, by their handles.
backup_handles() {
  nft -a list chain "$1" "$2" "$3" | sed -n "s/^[[:space:]]*jump postern_backup # handle \([0-9]*\)\$/\1/p; s/^$(old_backup_nft) # handle \([0-9]*\)\$/\1/p"
}
