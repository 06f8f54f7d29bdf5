# shellcheck shell=sh
# The backup sshd: the channel of the change. Sourced by agent.sh. Prints its host key; and where a user of the host keeps
# it from its port, `port N WHO` with the one that it has instead.

. "$AGENT/ban-exemption.sh"
. "$AGENT/free-port.sh"

BACKUP=/etc/ssh/postern-backup

backup_up() {
  port=$(plan backup_port)
  backup_held=
  if ! systemctl -q is-active postern-backup.service && listens "$port"; then
    squatted "$port" || fail "port $port, wanted for the backup sshd, is already in use: $(listeners "$port")"
    backup_elsewhere
  fi
  spare
  mkdir -p "$BACKUP"
  rm -f "$BACKUP/ssh_host_ed25519_key" "$BACKUP/ssh_host_ed25519_key.pub"
  ssh-keygen -q -t ed25519 -N '' -C postern-backup -f "$BACKUP/ssh_host_ed25519_key"
  backup_keys >"$TXN/backup_keys"
  install_file 0644 "$TXN/backup_keys" "$BACKUP/authorized_keys"
  # Read by sshd as the user who logs in.
  chmod 711 "$BACKUP"
  backup_start
  # Somebody was quicker, on one of the addresses at least; on a port that only root may have nobody is.
  if shared "$port"; then
    (backup_shut) || :
    backup_elsewhere
    spare
    backup_start
  fi
  cut -d' ' -f1,2 "$BACKUP/ssh_host_ed25519_key.pub"
  [ -z "$backup_held" ] || printf 'port %s %s\n' "$port" "$(printf '%s' "$backup_held" | tr '\n' ' ')"
}

backup_start() {
  sed "s/^Port .*/Port $port/" "$PAYLOAD/files/backup_sshd_config" >"$TXN/backup_sshd_config"
  install_file 0600 "$TXN/backup_sshd_config" "$BACKUP/sshd_config"
  /usr/sbin/sshd -t -f "$BACKUP/sshd_config" || fail 'sshd refuses the configuration of the backup sshd'
  system_port "$port"
  backup_guard
  systemctl restart postern-backup.service
  backup_open
  await "$DAEMON_SECONDS" listens "$port" ||
    fail "the backup sshd does not listen on port $port after $DAEMON_SECONDS s: $(journalctl -q -n 5 -o cat -u postern-backup.service)"
}

# Whoever listens on the backup port is left alone. What opens, closes and ends the backup door reads its port in the plan.
backup_elsewhere() {
  backup_held=$(listeners "$port")
  # shellcheck disable=SC2046 # ports
  port=$(free_port $(plan ssh_ports) $(plan served_ports))
  sed "s/^backup_port=.*/backup_port=$port/" "$PAYLOAD/plan" >"$TXN/plan.next"
  mv -f "$TXN/plan.next" "$PAYLOAD/plan"
}

# Whoever may administer the host, and whoever is doing it now.
backup_keys() {
  cat "$PAYLOAD/files/authorized_keys"
  home=$(getent passwd "$(plan deployer)" | cut -d: -f6)
  [ ! -f "$home/.ssh/authorized_keys" ] || cat "$home/.ssh/authorized_keys"
}
