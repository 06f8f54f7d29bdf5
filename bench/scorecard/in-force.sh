#!/bin/sh
# in-force.sh USER, on a host: what is in force there for a login of USER, a line each: directives as `sshd -T` prints
# them, mode and owner of files, and what no directive says.
set -eu
settings=$(/usr/sbin/sshd -T -C "user=$1,host=localhost,addr=127.0.0.1")
printf '%s\n' "$settings"
cd /etc/ssh
# Before OpenSSH 10 Debian's sshd takes this one and does not print it. No file is read before ours.
printf '%s\n' "$settings" | grep -q '^debianbanner ' || sed -n 's/^DebianBanner /debianbanner /p' sshd_config.d/00-postern.conf
stat -c '%n %a %U' /etc/ssh /etc/ssh/sshd_config /etc/ssh/sshd_config.d/00-postern.conf \
  /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub
moduli=$(printf '%s\n' "$settings" | sed -n 's/^modulifile //p')
# The size that is written there is one bit less than that of the group.
awk '$5 ~ /^[0-9]+$/ { if (min == "" || $5 < min) min = $5 } END { print "smallest_modulus " min }' "${moduli:-/etc/ssh/moduli}"
ssh-keygen -l -f ssh_host_rsa_key.pub | sed 's/^\([0-9]*\) .*/rsa_host_key_bits \1/'
