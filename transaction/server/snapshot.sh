# shellcheck shell=sh
# The state of everything the change may touch, as files below $SNAPSHOT. Sourced.
#
#   tree/…       the paths of payload/touch that exist, with mode, owner and times
#   absent       those that don't
#   units        id, enabled and active state of the units of payload/units
#   live.v4/.v6  the firewall's rules in force, as iptables-save prints them
#   user         `existed` or `created`, for the administrator

take_snapshot() {
  rm -rf "$SNAPSHOT"
  mkdir -p "$SNAPSHOT/tree"
  : >"$SNAPSHOT/absent"
  while IFS= read -r path; do snapshot_path "$path"; done <"$PAYLOAD/touch"
  snapshot_units
  snapshot_rules
  if id -u "$(plan admin_user)" >/dev/null 2>&1; then echo existed; else echo created; fi >"$SNAPSHOT/user"
}

snapshot_path() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    mkdir -p "$SNAPSHOT/tree${1%/*}"
    cp -a "$1" "$SNAPSHOT/tree${1%/*}/"
  else
    printf '%s\n' "$1" >>"$SNAPSHOT/absent"
  fi
}

# Packages bring files of their own to paths that were absent: going back then means the packaged state, not a hole
# that dpkg would never fill again.
snapshot_packaged() {
  mv "$SNAPSHOT/absent" "$SNAPSHOT/absent.before"
  : >"$SNAPSHOT/absent"
  while IFS= read -r path; do snapshot_path "$path"; done <"$SNAPSHOT/absent.before"
  rm -f "$SNAPSHOT/absent.before"
  snapshot_units
}

snapshot_units() {
  while IFS= read -r unit; do printf '%s %s\n' "$unit" "$(unit_state "$unit")"; done <"$PAYLOAD/units" >"$SNAPSHOT/units"
}

snapshot_rules() {
  command -v iptables-save >/dev/null 2>&1 || return 0
  iptables-save | grep -v '^#' >"$SNAPSHOT/live.v4" || :
  ip6tables-save | grep -v '^#' >"$SNAPSHOT/live.v6" || :
}
