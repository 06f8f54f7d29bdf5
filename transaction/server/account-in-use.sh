#!/bin/sh
# account-in-use.sh USER HOME: a line for each thing by which somebody is behind an account. Writes nothing.

# programs USER: does one run under it? What systemd keeps for a login ends some seconds after that.
programs() {
  find /proc -maxdepth 1 -user "$1" 2>/dev/null | {
    while IFS= read -r folder; do
      { IFS= read -r name <"$folder/comm"; } 2>/dev/null || continue
      case $name in systemd | '(sd-pam)' | dbus-daemon) ;; *) exit 0 ;; esac
    done
    exit 1
  }
}

tries=0
while programs "$1" && [ "$tries" -lt 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
[ "$tries" -lt 50 ] || echo 'programs run under it'
! grep -q "^$1:\\$" /etc/shadow 2>/dev/null || echo 'it has a password'
[ -z "$(find /var/spool/cron -name "$1" 2>/dev/null)" ] || echo 'it has a crontab'
[ -z "$(find "$2/.ssh" -name 'authorized_keys*' -size +0 2>/dev/null)" ] || echo 'it has keys'
exit 0
