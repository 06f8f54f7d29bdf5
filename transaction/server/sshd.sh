# shellcheck shell=sh
# The front door's sshd: its candidate configuration and the switch to it. Sourced by agent.sh.

. "$AGENT/second-factor.sh"
. "$AGENT/free-port.sh"

CANDIDATE=$TXN/candidate

# The administrator and the new configuration, served on 127.0.0.1 by an sshd of its own, so that a real login can prove
# them before the front door changes. Prints `port N`, the host keys, `effective`, and what sshd makes of all its files.
candidate() {
  # shellcheck disable=SC2046 # ports
  candidate_port=$(free_port $(plan served_ports))
  admin_ready
  second_factor_on
  new_host_keys
  rm -rf "$CANDIDATE/sshd_config.d"
  mkdir -p "$CANDIDATE/sshd_config.d"
  cp /etc/ssh/sshd_config.d/*.conf "$CANDIDATE/sshd_config.d/" 2>/dev/null || :
  cp "$PAYLOAD/files/sshd_drop_in" "$CANDIDATE/sshd_config.d/00-postern.conf"
  sed "s#/etc/ssh/sshd_config\\.d/#$CANDIDATE/sshd_config.d/#" /etc/ssh/sshd_config >"$CANDIDATE/sshd_config"
  [ ! -f "$CANDIDATE/ssh_host_ed25519_key" ] ||
    sed -i "s#/etc/ssh/ssh_host_#$CANDIDATE/ssh_host_#" "$CANDIDATE/sshd_config.d/00-postern.conf"
  new_moduli
  sed -i "s#/etc/ssh/postern-moduli#$CANDIDATE/postern-moduli#" "$CANDIDATE/sshd_config.d/00-postern.conf"
  # Addresses add up over files, and the candidate is nobody's business outside.
  sed -i '/^[[:space:]]*[Ll][Ii][Ss][Tt][Ee][Nn][Aa][Dd][Dd][Rr][Ee][Ss][Ss][[:space:]]/d' "$CANDIDATE/sshd_config" "$CANDIDATE"/sshd_config.d/*.conf
  system_readable "$CANDIDATE"
  system_port "$candidate_port"
  install -d -m 755 /run/sshd
  refusal=$(/usr/sbin/sshd -t -f "$CANDIDATE/sshd_config" 2>&1) || fail "sshd refuses the new configuration: $refusal"
  systemctl -q stop postern-candidate.service 2>/dev/null || :
  ask_systemd systemd-run --quiet --collect --unit=postern-candidate -p RuntimeMaxSec=300 -p Restart=no \
    /usr/sbin/sshd -D -e -f "$CANDIDATE/sshd_config" -p "$candidate_port" -o ListenAddress=127.0.0.1 ||
    # Asked again though the first order was heard.
    systemctl -q is-active postern-candidate.service
  echo "port $candidate_port"
  candidate_keys
  echo effective
  /usr/sbin/sshd -T -C "user=$(plan admin_user),host=localhost,addr=127.0.0.1" -f "$CANDIDATE/sshd_config" |
    sed "s#$CANDIDATE/#/etc/ssh/#"
  await "$DAEMON_SECONDS" listens "$candidate_port" ||
    fail "the candidate sshd does not listen after $DAEMON_SECONDS s: $(journalctl -q -n 5 -o cat -u postern-candidate.service)"
}

# Only when asked for, and made and recorded by the deployer: no host has keys that nobody else knows. /etc/ssh gets them
# at the switch. A host without one of the two types gets that one, or sshd would offer less than the configuration says;
# the other one is known.
new_host_keys() {
  mkdir -p "$CANDIDATE"
  [ "$(plan new_host_keys)" = yes ] || { [ -f /etc/ssh/ssh_host_ed25519_key ] && [ -f /etc/ssh/ssh_host_rsa_key ]; } || cp_host_keys
  [ "$(plan new_host_keys)" = yes ] || return 0
  for type in ed25519 rsa; do
    install -m 0600 "$PAYLOAD/files/ssh_host_${type}_key" "$CANDIDATE/"
    echo "$(cat "$PAYLOAD/files/ssh_host_${type}_key.pub") $(hostname)" >"$CANDIDATE/ssh_host_${type}_key.pub"
  done
}

cp_host_keys() {
  for type in ed25519 rsa; do
    if [ -f "/etc/ssh/ssh_host_${type}_key" ]; then
      cp -p "/etc/ssh/ssh_host_${type}_key" "/etc/ssh/ssh_host_${type}_key.pub" "$CANDIDATE/"
    else
      ssh-keygen -q -t "$type" -b "$([ "$type" = rsa ] && echo 4096 || echo 256)" -N '' -C "$(hostname)" -f "$CANDIDATE/ssh_host_${type}_key"
    fi
  done
}

# The groups for Diffie-Hellman group exchange, where the configuration asks for a file of them: those of 3071 bits and
# more. An empty file would leave clients that insist on this exchange without any.
new_moduli() {
  rm -f "$CANDIDATE/postern-moduli"
  grep -q '^ModuliFile ' "$PAYLOAD/files/sshd_drop_in" || return 0
  awk '$5 ~ /^[0-9]+$/ && $5 >= 3071' /etc/ssh/moduli >"$CANDIDATE/postern-moduli" || :
  [ -s "$CANDIDATE/postern-moduli" ] ||
    fail '/etc/ssh/moduli has no group of 3071 bits or more; reinstall openssh-server to have it back'
}

candidate_keys() {
  where=$CANDIDATE
  [ -f "$where/ssh_host_ed25519_key.pub" ] || where=/etc/ssh
  for key in "$where/ssh_host_ed25519_key.pub" "$where/ssh_host_rsa_key.pub"; do cut -d' ' -f1,2 "$key"; done
}

switch_sshd() {
  systemctl -q stop postern-candidate.service 2>/dev/null || :
  for key in "$CANDIDATE"/ssh_host_*_key; do
    [ -f "$key" ] || continue
    install_file 0644 "$key.pub" "/etc/ssh/${key##*/}.pub"
    install_file 0600 "$key" "/etc/ssh/${key##*/}"
  done
  if [ ! -f "$CANDIDATE/postern-moduli" ]; then
    rm -f /etc/ssh/postern-moduli
  elif ! cmp -s "$CANDIDATE/postern-moduli" /etc/ssh/postern-moduli; then
    install_file 0644 "$CANDIDATE/postern-moduli" /etc/ssh/postern-moduli
  fi
  install_file 0600 "$PAYLOAD/files/sshd_drop_in" /etc/ssh/sshd_config.d/00-postern.conf
  # Of an earlier Postern, for a change that it never sealed.
  rm -f /etc/ssh/sshd_config.d/00-postern-change.conf
  install -d -m 755 /run/sshd
  refusal=$(/usr/sbin/sshd -t 2>&1) || fail "sshd refuses the new configuration: $refusal"
  # Socket activation takes its port from the socket unit, whatever sshd_config says.
  if systemctl -q is-active "$SSH_SOCKET"; then sshd_without_socket; fi
  system_port "$(plan ssh_port)"
  if systemctl -q is-active "$SSH_UNIT"; then
    systemctl reload "$SSH_UNIT"
  else
    # Its alias is known before it runs (host/lost.sh).
    enable_at_boot "$SSH_UNIT"
    reload_systemd
    systemctl start "$SSH_UNIT"
  fi
  second_factor_off
}

# A daemon that the socket started holds on to the socket's port, and one that is told to reload ends: it cannot bind a
# port of its own. Sessions go on.
sshd_without_socket() {
  systemctl -q disable --now "$SSH_SOCKET"
  systemctl -q stop "$SSH_UNIT"
  clear_port "$(plan old_ssh_port)" ||
    fail "port $(plan old_ssh_port) is still held although sshd and its socket were stopped: $(ss -Hltnp "sport = :$(plan old_ssh_port)" | sed 's/.*users:/users:/')"
}

# Asked for later than the reload, which takes sshd a moment.
sshd_listens() {
  await "$DAEMON_SECONDS" listens "$(plan ssh_port)" '"sshd"' ||
    fail "sshd does not listen on port $(plan ssh_port) after $DAEMON_SECONDS s: $(journalctl -q -n 5 -o cat -u "$SSH_UNIT")"
}
