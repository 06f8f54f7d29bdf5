# shellcheck shell=sh
# The switch: sshd, firewall and knock daemon take on the new posture. Sourced by agent.sh.

. "$AGENT/backup.sh"
. "$AGENT/verify.sh"
. "$AGENT/boot.sh"
. "$AGENT/guard.sh"
# shellcheck source=firewall/ufw.sh
. "$AGENT/firewall/$(plan firewall).sh"
# shellcheck source=knock/knockd.sh
. "$AGENT/knock/$(plan knock).sh"

switch() {
  switch_sshd
  install_programs
  firewall_switch
  retire_firewall
  # What was in force instead of rules that could not be loaded.
  [ ! -e /run/postern/fallback ] || least_unload
  rm -f /run/postern/fallback /run/postern/unloaded
  # After the firewall: on a host that had no rules there was nothing to put the exception into.
  backup_open
  # The deployer came in by a knock that may still count: the new door has to be seen shut before it is opened.
  door_forget 4
  door_forget 6
  # Of the last change; an engine that runs without its sandbox says so anew.
  rm -f "$STATE/unsandboxed"
  knock_switch
  retire_knock
  sshd_listens
  keep_files
}

install_programs() {
  install_file 0755 "$AGENT/host/door" /usr/local/lib/postern/door
  set -- "$AGENT/host/systemd.sh"
  for program in $FIREWALL_PROGRAMS; do set -- "$@" "$AGENT/host/firewall/$program.sh"; done
  # Its last line shows that it is whole.
  { cat "$@"; echo '# end'; } >"$TXN/firewall"
  install_file 0755 "$TXN/firewall" /usr/local/lib/postern/firewall
  install_file 0755 "$AGENT/host/closed" /usr/local/lib/postern/closed
  install_file 0600 "$PAYLOAD/files/door.conf" /etc/postern/door.conf
  while read -r verb name path; do
    case $verb in
      install) install_file 0600 "$PAYLOAD/files/$name" "$path" ;;
      remove) rm -f "$name" ;;
    esac
  done <"$PAYLOAD/plain.files"
  sealed_copy
  install_file 0644 "$(loader_unit postern-firewall.service)" "$UNITS/postern-firewall.service"
  install_file 0644 "$(loader_unit postern-closed.service)" "$UNITS/postern-closed.service"
  knock_install
  firewall_install
  install_file 0644 "$AGENT/units/ssh.conf" "$UNITS/$SSH_UNIT.d/postern.conf"
  # shellcheck disable=SC2086 # lists of units
  guard_install $SSH_UNIT $KNOCK_UNITS $FIREWALL_UNITS postern-firewall.service $FIREWALL_NEEDS postern-guard.timer
  boot_units="$SSH_UNIT $KNOCK_UNITS $FIREWALL_UNITS $FIREWALL_LOADERS $GUARD_UNITS"
  # shellcheck disable=SC2086 # a list of units
  enable_at_boot $boot_units
  # Even where no file changed: what systemd was asked about it remembers until now, and the snapshot asked about units
  # that are enabled below.
  reload_systemd
  # shellcheck disable=SC2086 # a list of units
  prove_boot $boot_units
  guard_started
  door_program
}

# What the host falls back on where its rules cannot be loaded (host/firewall/closed.sh); its rules are among plain.files.
sealed_copy() {
  mkdir -p "$CLOSED_COPY"
  {
    echo "port $(plan ssh_port)"
    # Those of earlier changes too, the latest first: the owner moves about.
    { plan deployer_addresses | tr ' ' '\n'; [ ! -f "$CLOSED_COPY/sources" ] || sed -n 's/^source //p' "$CLOSED_COPY/sources"; } |
      awk 'NF && !seen[$0]++ && ++kept <= 8 { print "source " $0 }'
  } >"$TXN/sources"
  install -m 0600 -t "$CLOSED_COPY" "$TXN/firewall" "$AGENT/host/door" "$AGENT/host/closed" "$PAYLOAD/files/door.conf" "$TXN/sources"
  (cd "$CLOSED_COPY" && for name in rules.* knock.*; do [ ! -f "$name" ] || set -- "$@" "$name"; done && sha256sum firewall door closed door.conf "$@") >"$TXN/sums"
  install -m 0600 -t "$CLOSED_COPY" "$TXN/sums"
}

CLOSED_COPY=/var/lib/postern/closed

# The knock engine that Postern sealed this host with before, where the new posture has another.
retire_knock() {
  retired=$(get "$STATE/sealed/plan" knock)
  case $retired in '' | "$(plan knock)") return 0 ;; esac
  (
    # shellcheck source=knock/knockd.sh
    . "$AGENT/knock/$retired.sh"
    knock_retire
  ) || fail "the knock engine that this host had before ($retired) could not be taken out of force"
}

# The firewall that Postern sealed this host with before, where the new posture has another: it goes when the new one
# is in force, so that no moment is without rules.
retire_firewall() {
  retired=$(get "$STATE/sealed/plan" firewall)
  case $retired in '' | "$(plan firewall)") return 0 ;; esac
  (
    # shellcheck source=firewall/ufw.sh
    . "$AGENT/firewall/$retired.sh"
    for program in $FIREWALL_PROGRAMS; do
      # shellcheck source=host/firewall/ufw.sh
      . "$AGENT/host/firewall/$program.sh"
    done
    firewall_retire
  ) || fail "the firewall that this host had before ($retired) could not be taken out of force"
  # What the old one did on its way out, such as to INPUT's policy.
  rules_load
}
