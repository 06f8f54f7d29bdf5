# shellcheck shell=sh
# The guard of the sealed host (host/guard.sh), put together for this posture. Sourced by switch.sh.

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
GUARD_UNITS='postern-guard.timer postern-guard.service'

# guard_started: where it does not with its filters, as in a container that may set none, it has to without.
guard_started() {
  systemctl -q --no-block start postern-guard.timer
  ! { systemctl -q restart postern-guard.service 2>/dev/null && systemctl -q is-active postern-guard.service; } || return 0
  sed -i '/^NoNewPrivileges=/,/^SystemCallErrorNumber=/d' "$UNITS/postern-guard.service"
  reload_systemd
  systemctl -q restart postern-guard.service || fail "the guard does not start: $(journalctl -q -n 5 -o cat -u postern-guard.service)"
}

# guard_install UNIT…: those are what it keeps active.
guard_install() {
  {
    printf "#!/bin/sh\n# Managed by Postern. Local edits will be overwritten.\nchange='%s'\nunits='%s'\npackages='%s'\n" \
      "$(plan id)" "$*" "$(plan packages)"
    set --
    for program in $KNOCK_PROGRAMS; do set -- "$@" "$AGENT/host/knock/$program.sh"; done
    cat "$@" "$AGENT/host/systemd.sh" "$AGENT/host/lost.sh" "$AGENT/host/guard.sh"
  } >"$TXN/guard"
  install_file 0755 "$TXN/guard" /usr/local/lib/postern/guard
  [ ! -d /etc/apt/apt.conf.d ] || install_file 0644 "$AGENT/units/apt.conf" /etc/apt/apt.conf.d/60postern
  # Nobody reads them before systemd is told to.
  install -o root -g root -m 0644 -t "$UNITS" "$AGENT/units/postern-guard.service" "$AGENT/units/postern-guard.timer"
}
