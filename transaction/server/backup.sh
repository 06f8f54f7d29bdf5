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
  system_port "$port"
  systemctl restart postern-backup.service
  backup_open
  await "$DAEMON_SECONDS" listens "$port" ||
    fail "the backup sshd does not listen on port $port after $DAEMON_SECONDS s: $(journalctl -q -n 5 -o cat -u postern-backup.service)"
  cut -d' ' -f1,2 "$BACKUP/ssh_host_ed25519_key.pub"
}

# Whoever may administer the host, and whoever is doing it now.
backup_keys() {
  cat "$PAYLOAD/files/authorized_keys"
  home=$(getent passwd "$(plan deployer)" | cut -d: -f6)
  [ ! -f "$home/.ssh/authorized_keys" ] || cat "$home/.ssh/authorized_keys"
}
