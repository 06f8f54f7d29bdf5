# shellcheck shell=sh
# fail2ban must not ban who proves that passwords are refused and that the door opens: what the proof does at sshd looks
# like an attack, and the ban would outlast the change. Sourced by backup.sh.
#
# payload/files/spared: the addresses that the proof comes from, where fail2ban runs. $TXN/spared: `JAIL ADDRESS` of what
# was added, so that an owner's own entry stays. In fail2ban's memory only: a restart of it forgets.

# sshd since OpenSSH 9.8 does the same by itself: it shuts out sources whose connections end without a login, which is what
# measuring a door looks like. payload/files/sshd_exemption: what it has to be told, in a drop-in of its own, so that
# sealing takes away nothing that was proven.
sshd_spare() {
  [ ! -s "$PAYLOAD/files/sshd_exemption" ] ||
    install_file 0600 "$PAYLOAD/files/sshd_exemption" /etc/ssh/sshd_config.d/00-postern-change.conf
}

sshd_unspare() {
  [ -f /etc/ssh/sshd_config.d/00-postern-change.conf ] || return 0
  rm -f /etc/ssh/sshd_config.d/00-postern-change.conf
  # A reload with a configuration that sshd refuses would end it.
  ! /usr/sbin/sshd -t 2>/dev/null || systemctl -q reload "$SSH_UNIT" 2>/dev/null || :
}

spare() {
  [ -s "$PAYLOAD/files/spared" ] || return 0
  jails=$(fail2ban-client status 2>/dev/null | sed -n 's/.*Jail list://p' | tr ',' ' ')
  for jail in $jails; do
    ignored=$(fail2ban-client get "$jail" ignoreip)
    while IFS= read -r address; do
      printf '%s\n' "$ignored" | grep -Fqw -e "- $address" && continue
      printf '%s %s\n' "$jail" "$address" >>"$TXN/spared"
      fail2ban-client set "$jail" addignoreip "$address" >/dev/null ||
        fail "fail2ban would ban $address during the proof and does not let jail $jail ignore it"
    done <"$PAYLOAD/files/spared"
  done
}
