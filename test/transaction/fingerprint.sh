#!/bin/sh
# Everything of a host that a change may touch, one thing a line, so that two states can be compared as text: every
# file's bytes, mode, owner and link target, folders, users, units, listeners, and the firewall's live rules.
set -eu
export LC_ALL=C

# What changes by itself: logs, caches, the clock's state, apt's lists and dpkg's database (packages stay on a rollback).
things() {
  find /etc /root /home /usr/local /usr/sbin /var/spool /opt -xdev \( -type f -o -type l -o -type d \) \
    ! -name '*-' ! -path /etc/machine-id ! -path '/etc/resolv.conf' ! -name ld.so.cache ! -path '*/.ssh/known_hosts' "$@"
}
things \( -type l -printf 'link %p -> %l\n' -o -type d -printf 'dir %p %m %u:%g\n' -o -printf 'file %p %m %u:%g\n' \) | sort
things -type f -exec sha256sum {} + | sed 's/^\([0-9a-f]*\)  \(.*\)/file \2 \1/' | sort
sed 's/^/passwd /' /etc/passwd
for unit in ssh.service ssh.socket ufw.service firewalld.service nftables.service netfilter-persistent.service knockd.service fwknop-server.service postern-firewall.service postern-closed.service postern-guard.service postern-guard.timer postern-backup.service postern-undo.timer; do
  # Enabled as the links on the disk have it: what systemd remembers of them may be older.
  printf 'unit %s %s %s\n' "$unit" "$(systemctl is-enabled "$unit" 2>/dev/null || :)" "$(systemctl show -p ActiveState --value "$unit")"
done | sed 's/^\(unit postern-guard.service .*\) activating$/\1 active/' # it starts anew after each change
ss -Hltun | awk '{ print "listen", $1, $5 }' | sort
# Each rule with its table, chain and place in it: their order counts.
nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*/counter/' | awk '
  /^table/ { table = $2 " " $3; print "nft", table }
  /^\t[a-z]+ [^ ]+ \{/ { part = $2; n = 0; print "nft", table, part }
  /^\t\t/ { print "nft", table, part, n++, $0 }'
