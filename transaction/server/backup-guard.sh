# shellcheck shell=sh
# The backup port answers nobody but the deployer, from before its sshd listens until it has ended, whatever rules the
# host has or gets meanwhile. Sourced by agent.sh.
#
# A packet has to get past every table, so what this one drops no other can let in. In the kernel only: a reboot, after
# which no backup sshd runs, takes it along.

# There if the guard had to be made of iptables.
GUARD_CHAIN_MARK=$TXN/backup.chain

# backup_guard: anew if the port or the deployer's addresses have changed.
backup_guard() {
  if command -v nft >/dev/null 2>&1 && guard_table; then return 0; fi
  command -v iptables >/dev/null 2>&1 ||
    fail "this host has neither nft nor iptables, without which port $(plan backup_port) would be open to everybody"
  : >"$GUARD_CHAIN_MARK"
  { guard_chain iptables && guard_chain ip6tables; } ||
    fail "the kernel takes no rule that closes port $(plan backup_port) to others than the deployer"
}

guard_table() {
  {
    printf 'table inet postern_backup\ndelete table inet postern_backup\n'
    printf 'table inet postern_backup {\n\tchain input {\n\t\ttype filter hook input priority -10; policy accept;\n\t\tiif "lo" accept\n'
    for address in $(plan deployer_addresses); do
      case $address in *:*) match=ip6 ;; *) match=ip ;; esac
      printf '\t\t%s saddr %s tcp dport %s accept\n' "$match" "$address" "$(plan backup_port)"
    done
    printf '\t\ttcp dport %s drop\n\t}\n}\n' "$(plan backup_port)"
  } | nft -f -
}

# guard_chain TOOL: in a table in which a change has nothing else, so that it need not be put back meanwhile. Declaring the
# chain empties it, and all of it is exchanged at once: the port, on which sshd may listen already, is open at no moment.
guard_chain() {
  {
    printf '%s\n' '*mangle' ':POSTERN-BACKUP - [0:0]' '-A POSTERN-BACKUP -i lo -j RETURN'
    for address in $(deployers_by "$1"); do
      echo "-A POSTERN-BACKUP -s $address -p tcp --dport $(plan backup_port) -j RETURN"
    done
    echo "-A POSTERN-BACKUP -p tcp --dport $(plan backup_port) -j DROP"
    "$1" -w 10 -t mangle -C INPUT -j POSTERN-BACKUP 2>/dev/null || echo '-I INPUT 1 -j POSTERN-BACKUP'
    echo COMMIT
  } | "$1-restore" -w 10 -n
}

# guards TABLE: is that table the guard's as long as it is needed?
guards() { [ "$1" = mangle ] && [ -e "$GUARD_CHAIN_MARK" ]; }

# unguarded SAVED: what iptables-save printed, without that table.
unguarded() { if guards mangle; then sed '/^\*mangle$/,/^COMMIT$/d' "$1"; else cat "$1"; fi; }

# backup_guard_gone: as soon as the backup sshd has ended, which was told to.
backup_guard_gone() {
  await 5 backup_silent || :
  ! command -v nft >/dev/null 2>&1 || nft delete table inet postern_backup 2>/dev/null || :
  [ -e "$GUARD_CHAIN_MARK" ] || return 0
  for tool in iptables ip6tables; do
    "$tool" -w 10 -t mangle -D INPUT -j POSTERN-BACKUP 2>/dev/null || :
    "$tool" -w 10 -t mangle -F POSTERN-BACKUP 2>/dev/null || :
    "$tool" -w 10 -t mangle -X POSTERN-BACKUP 2>/dev/null || :
  done
  rm -f "$GUARD_CHAIN_MARK"
}

backup_silent() { ! listens "$(plan backup_port)" '"sshd"'; }
