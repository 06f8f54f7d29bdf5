#!/bin/sh
# The same end state as one shell script over one SSH connection: the practical lower bound. Run as root beside the folder
# `files`. No snapshot, no way back, nothing looked at from outside.
set -eu
export DEBIAN_FRONTEND=noninteractive
cd "$(dirname -- "$0")/../files"

apt-get update -qq
apt-get install -y -qq --no-install-recommends ufw knockd sudo iptables >/dev/null 2>&1

id -u ops >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ops
install -d -m 700 -o ops -g ops /home/ops/.ssh
install -m 600 -o ops -g ops /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
visudo -q -c -f sudoers
install -m 440 sudoers /etc/sudoers.d/ops

install -d -m 755 /etc/ssh/backup
[ -f /etc/ssh/backup/ssh_host_ed25519_key ] ||
  ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/backup/ssh_host_ed25519_key
install -m 644 /root/.ssh/authorized_keys /etc/ssh/backup/authorized_keys
install -m 600 backup_sshd_config /etc/ssh/backup/sshd_config
install -m 644 ssh-backup.service /etc/systemd/system/ssh-backup.service
install -D -m 644 knockd.override /etc/systemd/system/knockd.service.d/override.conf
systemctl daemon-reload
systemctl start ssh-backup

# The timed door, and no answer to ping, before ufw's own rules.
for family in 4 6; do
  case $family in 4) rules=before.rules chain=ufw-before-input ;; 6) rules=before6.rules chain=ufw6-before-input ;; esac
  sed -i -e "/-A $chain .*\(echo-request\|--dport 5353\|--dport 1900\)/s/ACCEPT\$/DROP/" \
    -e "/^# End required lines/a -A $chain -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --rcheck --seconds 30 --name knock$family --rsource -j ACCEPT" \
    "/etc/ufw/$rules"
done
ufw default deny incoming >/dev/null
ufw allow 4002/tcp comment p2p >/dev/null
ufw allow 4003/tcp comment api >/dev/null

install -m 755 knock-door /usr/local/sbin/knock-door
install -m 600 knockd.conf /etc/knockd.conf
install -m 644 knockd.default /etc/default/knockd
install -m 600 sshd_drop_in /etc/ssh/sshd_config.d/00-hardening.conf
sshd -t

ufw --force enable >/dev/null
systemctl enable -q knockd 2>/dev/null
systemctl restart knockd
systemctl reload ssh
systemctl stop ssh-backup
