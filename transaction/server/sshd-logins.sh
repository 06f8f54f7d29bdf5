#!/bin/sh
# sshd-logins.sh ADMIN, behind facts-sshd.sh in the same shell: what sshd makes of its files and its command line for the
# logins that they may tell apart. Prints key=value lines. Writes nothing.
#
#   sshd_directives=NAME …              all that this sshd knows, in lower case
#   sshd_login=USER ADDRESS             a login; those that follow are of it
#   sshd_set=DIRECTIVE VALUE            what decides about it
#   sshd_refuses=REASON                 sshd takes its files, or its options, no more

# Accounts and addresses that are asked about at most: some 10 ms each.
LOGINS_USERS=24 LOGINS_ADDRESSES=4

# How sshd runs, or would be started where it does not: its options count for what it does.
logins_options=${sshd_title_main:-}
case $logins_options in */sshd' '*) logins_options=${logins_options#* } ;; *) logins_options= ;; esac

# login USER ADDRESS
login() {
  login_spec="user=$1,host=$2,addr=$2,laddr=$login_here,lport=$login_port"
  # Quotes are gone from the options; where they mattered, the files alone are asked.
  # shellcheck disable=SC2086 # options
  login_said=$(/usr/sbin/sshd $logins_options -T -C "$login_spec" 2>/dev/null) ||
    login_said=$(/usr/sbin/sshd -T -C "$login_spec" 2>&1) || {
    printf 'sshd_refuses=%s\n' "$(printf '%s' "$login_said" | tr '\n' ' ')"
    return 0
  }
  printf 'sshd_login=%s %s\n' "$1" "$2"
  printf '%s\n' "$login_said" | sed -n -E '/^(port|allowusers|(authorized|authentication|password|pubkeyauthentication|kbdinteractive|challengeresponse|permit|hostbased|gssapi|kerberos|ignore|strictmodes|trusted))/Is/^/sshd_set=/p'
}

# shellcheck disable=SC2086 # client address and port, server address and port
set -- "$1" ${SSH_CONNECTION:-}
login_here=${4:-127.0.0.1} login_port=${5:-22}
known=
for line in $(/usr/sbin/sshd -T 2>/dev/null | cut -d' ' -f1 | sort -u); do known="$known$line "; done
printf 'sshd_directives=%s\n' "$known" | tr '[:upper:]' '[:lower:]'
login "$1" "${2:-127.0.0.1}"

# What the Match blocks of others name. Without one every login is like that.
# shellcheck disable=SC2154 # facts-sshd.sh has it
matches=$(printf '%s\n' "$sshd_seen" | tr ':' '\n' | grep -v -e '^$' -e '/00-postern.conf$' | while IFS= read -r line; do
  [ ! -f "$line" ] || sed -n -E 's/^[[:space:]]*"?match"?[[:space:]=]+(.*)/\1/Ip' "$line"
done)
if [ -n "$matches" ]; then
  words=$(printf '%s\n' "$matches" | tr ' ,=\t"' '[\n*]')
  # A network by its first address, a pattern by one that it fits.
  addresses="${2:-127.0.0.1} $(printf '%s\n' "$words" | sed -E 's#/[0-9]+$##; s/[*?]/1/g' | grep -E '^([0-9]+(\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*)$' | sort -u | head -n $LOGINS_ADDRESSES | tr '\n' ' ')"
  users=$({
    printf 'root\n%s\n' "$1"
    # Named there, whether they are on the host or not.
    printf '%s\n' "$words" | grep -Ex '[a-z_][a-z0-9_.-]*' | grep -Evx 'user|group|host|address|localaddress|localport|all|rdomain'
    getent passwd | grep -Ev ':[^:]*/(nologin|false|sync)$' | cut -d: -f1
  } | awk 'NF && !seen[$0]++' | head -n $LOGINS_USERS)
  for user in $users; do
    for address in $addresses; do
      [ "$user $address" = "$1 ${2:-127.0.0.1}" ] || login "$user" "$address"
    done
  done
fi
