#!/bin/sh
# Everything of a host that a change may touch, one thing a line, so that two states can be compared as text: every
# file's bytes, mode, owner and link target, folders, users, units, listeners, and the firewall's live rules.
set -eu
export LC_ALL=C

# What changes by itself: logs, caches, the clock's state, apt's lists and dpkg's database (packages stay on a rollback).
find /etc /root /home /usr/local /usr/sbin /var/spool /opt -xdev \( -type f -o -type l -o -type d \) \
  ! -name '*-' ! -path /etc/machine-id ! -path '/etc/resolv.conf' ! -name ld.so.cache ! -path '*/.ssh/known_hosts' |
  sort | while IFS= read -r path; do
  if [ -L "$path" ]; then
    printf 'link %s -> %s\n' "$path" "$(readlink "$path")"
  elif [ -d "$path" ]; then
    printf 'dir %s %s\n' "$path" "$(stat -c '%a %U:%G' "$path")"
  else
    printf 'file %s %s %s\n' "$path" "$(stat -c '%a %U:%G' "$path")" "$(sha256sum <"$path" | cut -d' ' -f1)"
  fi
done
sed 's/^/passwd /' /etc/passwd
for unit in ssh.service ssh.socket ufw.service firewalld.service nftables.service netfilter-persistent.service knockd.service postern-firewall.service postern-backup.service postern-undo.timer; do
  printf 'unit %s %s\n' "$unit" "$(systemctl show -p UnitFileState,ActiveState "$unit" | sort | tr '\n' ' ')"
done
ss -Hltun | awk '{ print "listen", $1, $5 }' | sort
nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*/counter/; s/^/nft /'
