# shellcheck shell=sh
# The switch: sshd, firewall and knock daemon take on the new posture. Sourced by agent.sh.

. "$AGENT/backup.sh"
. "$AGENT/verify.sh"
# shellcheck source=firewall/ufw.sh
. "$AGENT/firewall/$(plan firewall).sh"
# shellcheck source=knock/knockd.sh
. "$AGENT/knock/$(plan knock).sh"

switch() {
  switch_sshd
  install_programs
  firewall_switch
  # After the firewall: on a host that had no rules there was nothing to put the exception into.
  backup_open
  # The deployer came in by a knock that may still count: the new door has to be seen shut before it is opened.
  forget_knockers 4
  forget_knockers 6
  knock_switch
  sshd_listens
}

install_programs() {
  for program in chain door knock-interface; do
    install_file 0755 "$AGENT/host/$program" "/usr/local/lib/postern/$program"
  done
  install_file 0600 "$PAYLOAD/files/door.conf" /etc/postern/door.conf
  for family in v4 v6; do install_file 0600 "$PAYLOAD/files/chain.$family" "/etc/postern/chain.$family"; done
  install_file 0644 "$AGENT/units/postern-chain.service" "$UNITS/postern-chain.service"
  install_file 0644 "$AGENT/units/knockd.conf" "$UNITS/knockd.service.d/postern.conf"
  install_file 0644 "$AGENT/units/ssh.conf" "$UNITS/ssh.service.d/postern.conf"
  # Even where no file changed: what systemd was asked about it remembers until now, and the snapshot asked about units
  # that are enabled below.
  systemctl daemon-reload
}
