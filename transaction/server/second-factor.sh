# shellcheck shell=sh
# The second factor: lines in sshd's PAM service and the shared secret. Sourced by agent.sh.

# Before the candidate, so that its login proves the code. The front door does not ask for it yet: only who logs in by
# keyboard-interactive comes here, and of these only the administrator.
second_factor_on() {
  [ -f "$PAYLOAD/files/pam_sshd" ] || return 0
  install_file 0400 "$PAYLOAD/files/totp" /etc/postern/totp
  { cat "$PAYLOAD/files/pam_sshd" && without_factor; } >"$TXN/pam_sshd"
  cmp -s "$TXN/pam_sshd" /etc/pam.d/sshd || install_file 0644 "$TXN/pam_sshd" /etc/pam.d/sshd
}

# After the switch, when the front door asks no longer.
second_factor_off() {
  if [ -f "$PAYLOAD/files/pam_sshd" ] || [ ! -f /etc/postern/totp ]; then return 0; fi
  without_factor >"$TXN/pam_sshd"
  install_file 0644 "$TXN/pam_sshd" /etc/pam.d/sshd
  rm -f /etc/postern/totp
}

without_factor() {
  sed '/^# Postern: second factor, begin$/,/^# Postern: second factor, end$/d' /etc/pam.d/sshd
}
