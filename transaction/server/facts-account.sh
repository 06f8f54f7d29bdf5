#!/bin/sh
# What would keep an account out, now or one day: its shell, its aging, and what PAM asks before a login. Read before
# facts.sh, in the same shell; prints key=value lines as it does. Writes nothing.
#
#   aging=USER:LAST:MIN:MAX:WARN:INACTIVE:EXPIRE   as /etc/shadow has them, without the password; today=DAY
#   pam=FILE:LINE                                  of sshd's stack, and of what it includes
#   pam_time=LINE pam_access=LINE                  rules that these modules go by
#   failures=USER                                  pam_faillock counts failed logins of this account
#   session=USER PORT PEER TTY                     is logged in by ssh, besides the one that asks (sessions.sh)

while IFS=: read -r account _ rest; do printf 'aging=%s:%s\n' "$account" "${rest%:*}"; done </etc/shadow 2>/dev/null
printf 'today=%s\n' "$(($(date +%s) / 86400))"

# pam_lines FILE…: what counts in them, and wherever their includes lead.
pam_lines() {
  for pam_file in "$@"; do
    case $pam_seen in *":$pam_file:"*) continue ;; esac
    pam_seen=$pam_seen$pam_file:
    [ -r "/etc/pam.d/$pam_file" ] || continue
    while read -r pam_kind pam_rest; do
      case $pam_kind in
        '' | '#'*) ;;
        @include) pam_more="$pam_more $pam_rest" ;;
        *)
          printf 'pam=%s:%s\n' "$pam_file" "$pam_kind $pam_rest"
          case $pam_rest in 'include '* | 'include	'* | 'substack '* | 'substack	'*) pam_more="$pam_more ${pam_rest##*[ 	]}" ;; esac
          ;;
      esac
    done <"/etc/pam.d/$pam_file"
  done
  [ -n "$pam_more" ] || return 0
  # shellcheck disable=SC2086 # names of files
  set -- $pam_more
  pam_more=
  pam_lines "$@"
}
pam_seen=: pam_more=
pam_lines sshd
for pam_rules in time access; do
  [ ! -r "/etc/security/$pam_rules.conf" ] ||
    while read -r pam_rule; do
      case $pam_rule in '' | '#'*) ;; *) printf 'pam_%s=%s\n' "$pam_rules" "$pam_rule" ;; esac
    done <"/etc/security/$pam_rules.conf"
done
for failures in /run/faillock/*; do
  [ ! -s "$failures" ] || printf 'failures=%s\n' "${failures##*/}"
done
[ ! -e /run/nologin ] || printf 'nologin=/run/nologin\n'
ssh_sessions | while read -r _ session_rest; do printf 'session=%s\n' "$session_rest"; done
