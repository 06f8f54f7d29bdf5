# shellcheck shell=sh
# What has to start at boot. Sourced by switch.sh.

# loader_unit UNIT: prints the file of what loads Postern's rules, before sysinit.target. A unit of the host's that loads its own rules after
# that, as RHEL's nftables.service does, would make a circle, out of which systemd leaves a unit: then only before the network.
loader_unit() {
  case " $(systemctl show -p After --value nftables.service netfilter-persistent.service | tr '\n' ' ') " in
    *' sysinit.target '*)
      sed '/^Before=/s/ sysinit\.target//; s/^WantedBy=sysinit\.target/WantedBy=multi-user.target/' "$AGENT/units/$1" >"$TXN/$1"
      echo "$TXN/$1"
      ;;
    *) echo "$AGENT/units/$1" ;;
  esac
}

# enable_at_boot UNIT…: before systemd reads its units anew.
enable_at_boot() {
  boot_refusal=$(systemctl -q --no-reload enable "$@" 2>&1) ||
    fail "systemd does not enable all of these units, without which nobody gets in after a boot: $* ($boot_refusal)"
}

# prove_boot UNIT…: after systemd has read them. An enabled unit is not yet one that a boot starts: one without an
# [Install] section has no link, and one that is linked to another target than the default one pulls in is not reached.
# So systemd is asked for all that it would start.
prove_boot() {
  boot_tree=$(systemctl list-dependencies --plain --no-pager default.target 2>&1) ||
    fail "systemd does not say what it starts at boot: $boot_tree"
  boot_missing=
  for boot_unit in "$@"; do
    case "$boot_tree
" in
      *" $boot_unit
"*) ;;
      *) boot_missing="$boot_missing $boot_unit ($(systemctl is-enabled "$boot_unit" 2>&1 || :))" ;;
    esac
  done
  [ -z "$boot_missing" ] ||
    fail "the next boot would not start what the door depends on, and nobody could get in:$boot_missing. Unmask these units, or have the default target ($(systemctl get-default 2>&1)) pull in multi-user.target"
}
