# shellcheck shell=sh
# What would end the administrator's logins one day without anybody changing anything: the aging of the account, from
# `useradd`'s defaults (login.defs, /etc/default/useradd) or from whoever made it. PAM asks for it with every login, by key
# too. Sourced by agent.sh.
#
# snapshot/aging: `USER:LAST:MIN:MAX:WARN:INACTIVE:EXPIRE` of an account that was there before, as /etc/shadow has them; no
# password is kept.

# aging_of USER: sets $aging to these seven; to nothing for an account that /etc/shadow does not have.
aging_of() {
  aging=
  while IFS=: read -r aging_user _ aging_rest; do
    [ "$aging_user" = "$1" ] || continue
    aging=$aging_user:${aging_rest%:*}
    return 0
  done </etc/shadow
}

# aging_fields USER:LAST:…: sets $aging_user, $aging_last, $aging_max, $aging_inactive and $aging_expire.
aging_fields() {
  IFS=: read -r aging_user aging_last _ aging_max _ aging_inactive aging_expire <<EOF
$1
EOF
}

# Does it last for ever? Needs aging_fields. 99999 days are what every system has for it.
ageless() {
  case $aging_last in 0) return 1 ;; esac
  case $aging_max in '' | -1) ;; *) [ "$aging_max" -ge 99999 ] || return 1 ;; esac
  [ -z "$aging_expire" ] || [ "$aging_expire" -lt 0 ]
}

# never_ages USER. A password that its owner has to change first counts as changed, on the second day of 1970, a day by
# which it is known again when the host goes back.
never_ages() {
  aging_of "$1"
  [ -n "$aging" ] || return 0
  aging_fields "$aging"
  ! ageless || return 0
  chage -M -1 -I -1 -E -1 "$1" || fail "the account $1 could not be kept from expiring"
  [ "$aging_last" != 0 ] || chage -d 1 "$1" || fail "the account $1 could not be kept from asking for a new password"
}

# aging_line USER: for the manifest of a sealed host.
aging_line() {
  aging_of "$1"
  [ -n "$aging" ] || return 0
  aging_fields "$aging"
  if ageless; then
    echo "account $1 never expires"
  else
    echo "account $1 expires (last ${aging_last:--}, max ${aging_max:--}, inactive ${aging_inactive:--}, expire ${aging_expire:--}; days, chage)"
  fi
}

# snapshot_aging USER: beside what it is (existed, created), which is known already.
snapshot_aging() {
  aging=
  [ "$(cat "$SNAPSHOT/user")" = created ] || aging_of "$1"
  printf '%s' "${aging:+$aging
}" >"$SNAPSHOT/aging"
}

# origin_aging: an account that a later change took for the administrator's goes back to what it was before that one.
origin_aging() {
  [ -s "$SNAPSHOT/aging" ] || return 0
  while IFS=: read -r aging_user _; do
    ! grep -qs "^$aging_user:" "$STATE/origin/snapshot/aging" || return 0
  done <"$SNAPSHOT/aging"
  cat "$STATE/origin/snapshot/aging" "$SNAPSHOT/aging" 2>/dev/null >"$STATE/origin/snapshot/aging.next" || :
  mv -f "$STATE/origin/snapshot/aging.next" "$STATE/origin/snapshot/aging"
}

# Back to what the snapshot has, which one from before this has not.
rollback_aging() {
  [ -s "$SNAPSHOT/aging" ] || return 0
  rollback_locks
  while IFS= read -r aging_before; do
    aging_fields "$aging_before"
    aging_of "$aging_user"
    case $aging in '' | "$aging_before") continue ;; esac
    chage -M "${aging_max:--1}" -I "${aging_inactive:--1}" -E "${aging_expire:--1}" "$aging_user" || return 1
    # Whoever has changed the password since need not do so again.
    case "$aging_last $aging" in "0 $aging_user:1:"*) chage -d 0 "$aging_user" || return 1 ;; esac
  done <"$SNAPSHOT/aging"
}
