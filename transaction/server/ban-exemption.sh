# shellcheck shell=sh
# fail2ban must not ban who proves that passwords are refused and that the door opens: what the proof does at sshd looks
# like an attack, and the ban would outlast the change. Sourced by backup.sh.
#
# payload/files/spared: the addresses that the proof comes from, where fail2ban runs. $TXN/spared: `JAIL ADDRESS` of what
# was added, so that an owner's own entry stays. In fail2ban's memory only: a restart of it forgets.

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
