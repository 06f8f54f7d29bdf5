# shellcheck shell=sh
# The switch: sshd, firewall and knock daemon take on the new posture. Sourced by agent.sh.

. "$AGENT/backup.sh"
. "$AGENT/firewall/$(plan firewall).sh"
. "$AGENT/knock/$(plan knock).sh"

switch() {
  switch_sshd
  install_programs
  firewall_switch
  # After the firewall: on a host that had no rules there was nothing to put the exception into.
  backup_rules -I
  forget_knockers
  knock_switch
}

# The deployer came in by a knock that still counts: the new door has to be seen shut before it is opened.
forget_knockers() {
  for list in postern4 postern6; do
    [ ! -w "/proc/net/xt_recent/$list" ] || echo / >"/proc/net/xt_recent/$list"
  done
}

install_programs() {
  for program in chain door knock-interface; do
    install_file 0755 "$AGENT/host/$program" "/usr/local/lib/postern/$program"
  done
  install_file 0600 "$PAYLOAD/files/door.conf" /etc/postern/door.conf
  for family in v4 v6; do install_file 0600 "$PAYLOAD/files/chain.$family" "/etc/postern/chain.$family"; done
  install_file 0644 "$AGENT/units/postern-chain.service" "$UNITS/postern-chain.service"
  install_file 0644 "$AGENT/units/knockd.conf" "$UNITS/knockd.service.d/postern.conf"
  systemctl daemon-reload
}
