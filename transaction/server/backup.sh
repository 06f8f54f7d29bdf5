# shellcheck shell=sh
# The backup sshd: the channel of the change. Sourced by agent.sh. Prints its host key.

. "$AGENT/spare.sh"

BACKUP=/etc/ssh/postern-backup

backup_up() {
  port=$(plan backup_port)
  if ss -Hltn "sport = :$port" | grep -q . && ! systemctl -q is-active postern-backup.service; then
    fail "port $port, wanted for the backup sshd, is already in use: $(ss -Hltnp "sport = :$port" | sed 's/.*users:/users:/')"
  fi
  spare
  mkdir -p "$BACKUP"
  rm -f "$BACKUP/ssh_host_ed25519_key" "$BACKUP/ssh_host_ed25519_key.pub"
  ssh-keygen -q -t ed25519 -N '' -C postern-backup -f "$BACKUP/ssh_host_ed25519_key"
  install_file 0600 "$PAYLOAD/files/backup_sshd_config" "$BACKUP/sshd_config"
  backup_keys >"$TXN/backup_keys"
  install_file 0644 "$TXN/backup_keys" "$BACKUP/authorized_keys"
  # Read by sshd as the user who logs in.
  chmod 711 "$BACKUP"
  /usr/sbin/sshd -t -f "$BACKUP/sshd_config" || fail 'sshd refuses the configuration of the backup sshd'
  systemctl restart postern-backup.service
  backup_open
  tries=0
  until ss -Hltn "sport = :$port" | grep -q .; do
    tries=$((tries + 1))
    [ "$tries" -lt 250 ] || fail "the backup sshd does not listen on port $port after 5 s: $(journalctl -q -n 5 -o cat -u postern-backup.service)"
    sleep 0.02
  done
  cut -d' ' -f1,2 "$BACKUP/ssh_host_ed25519_key.pub"
}

# Whoever may administer the host, and whoever is doing it now.
backup_keys() {
  cat "$PAYLOAD/files/authorized_keys"
  home=$(getent passwd "$(plan deployer)" | cut -d: -f6)
  [ ! -f "$home/.ssh/authorized_keys" ] || cat "$home/.ssh/authorized_keys"
}

# backup_open: lets the deployer's addresses in on the backup port, before everything else. Live only: nothing on disk
# would open the port again after a reboot.
backup_open() {
  for address in $(plan deployer_addresses); do
    case $address in *:*) tool=ip6tables ;; *) tool=iptables ;; esac
    # Where no rules are loaded the port is open anyway, and looking would load tables.
    [ -n "$(filter_rules "$tool")" ] || continue
    backup_rule "$tool" -C "$address" 2>/dev/null || backup_rule "$tool" -I "$address"
  done
}

backup_rule() {
  "$1" -w 10 "$2" INPUT -s "$3" -p tcp --dport "$(plan backup_port)" -m comment --comment postern-backup -j ACCEPT
}

# backup_shut: takes every such rule away, whoever it was made for; fails when one stays. What the kernel lists decides:
# a deletion also fails while another program holds the rules.
backup_shut() {
  unspare
  for tool in iptables ip6tables; do
    listed=$(filter_rules "$tool")
    case $listed in *postern-backup*) ;; *) continue ;; esac
    refusal=$(printf '%s\n' "$listed" | sed -n '/ postern-backup /s/^-A/-D/p' | while IFS= read -r rule; do
      # shellcheck disable=SC2086 # a rule as words, none of them quoted
      "$tool" -w 10 $rule 2>&1 || :
    done)
    listed=$(filter_rules "$tool")
    case $listed in
      *postern-backup*) fail "$tool still has a rule for the backup port: ${refusal:-another program added it anew}" ;;
    esac
  done
}

filter_rules() {
  if command -v "$1-save" >/dev/null 2>&1; then "$1-save" -t filter; fi
}
