#!/bin/sh
# account-in-use.sh USER HOME: a line for each thing by which somebody is behind an account. Writes nothing.
! grep -q "^$1:\\$" /etc/shadow 2>/dev/null || echo 'it has a password'
[ -z "$(find /proc -maxdepth 1 -user "$1" 2>/dev/null | head -n 1)" ] || echo 'programs run under it'
[ -z "$(find /var/spool/cron -name "$1" 2>/dev/null)" ] || echo 'it has a crontab'
[ -z "$(find "$2/.ssh" -name 'authorized_keys*' -size +0 2>/dev/null)" ] || echo 'it has keys'
exit 0
