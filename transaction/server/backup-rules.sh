# shellcheck shell=sh
# The backup port, opened for the deployer in the rules that a host has. Sourced with live.sh.

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

# deployers_by TOOL: the addresses of the deployer's that iptables or ip6tables knows.
deployers_by() {
  for deployer in $(plan deployer_addresses); do
    case $1$deployer in iptables*:* | ip6tables*.*) ;; *) echo "$deployer" ;; esac
  done
}

# backup_open: lets the deployer's addresses in on the backup port, before everything else. Live only: nothing on disk
# would open the port again after a reboot.
backup_open() {
  # Whoever flushed all tables meanwhile took the guard along.
  backup_guard
  for tool in iptables ip6tables; do
    listed=$(filter_rules "$tool")
    # Where no rules are loaded the port is open anyway, and looking would load tables.
    [ -n "$listed" ] || continue
    {
      printf '%s\n' '*filter' ':POSTERN-BACKUP - [0:0]'
      for address in $(deployers_by "$tool"); do
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
    G; s/\([^\n]*\)\n\([^\n]*\).*/\2\n\1/; h' | grep -v -e ' INPUT$' -e '^inet postern_backup '
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
