# shellcheck shell=sh
# The state of everything the change may touch, as files below $SNAPSHOT. Sourced.
#
#   tree/…       the paths of payload/touch that exist, with mode, owner and times
#   absent       those that don't
#   folders      mode, owner and path of the folders above them; absent.folders those that don't exist
#   units        id, enabled and active state of the units of payload/units
#   live.*, nft.*  the firewall's rules in force (live.sh)
#   user         `existed` or `created`, for the administrator
#   aging        when that account expires (aging.sh)

take_snapshot() {
  mkdir -p "$SNAPSHOT/tree"
  snapshot_paths "$PAYLOAD/touch" "$SNAPSHOT/absent"
  snapshot_folders
  snapshot_units
  save_rules "$SNAPSHOT"
  if id -u "$(plan admin_user)" >/dev/null 2>&1; then echo existed; else echo created; fi >"$SNAPSHOT/user"
  snapshot_aging "$(plan admin_user)"
}

# snapshot_paths LIST ABSENT: copies those paths of the file LIST that exist, and writes the others to ABSENT.
snapshot_paths() {
  snapshot_absent=$2
  : >"$snapshot_absent"
  set -- "$1"
  while IFS= read -r path; do
    if [ -e "$path" ] || [ -L "$path" ]; then set -- "$@" "${path#/}"; else printf '%s\n' "$path" >>"$snapshot_absent"; fi
  done <"$1"
  shift
  # From the root: for absolute paths, cp of coreutils 9.1 does not find the folders again that it made.
  [ "$#" -eq 0 ] || (cd / && cp -a --parents "$@" "$SNAPSHOT/tree/")
}

snapshot_folders() {
  set --
  : >"$SNAPSHOT/absent.folders"
  folders_seen=:
  while IFS= read -r path; do
    folder=${path%/*}
    while [ -n "$folder" ]; do
      case $folders_seen in *":$folder:"*) break ;; esac
      folders_seen=$folders_seen$folder:
      if [ -d "$folder" ]; then set -- "$@" "$folder"; else printf '%s\n' "$folder" >>"$SNAPSHOT/absent.folders"; fi
      folder=${folder%/*}
    done
  done <"$PAYLOAD/touch"
  stat -L -c '%a %u %g %n' "$@" >"$SNAPSHOT/folders"
}

# What no package brings.
snapshot_others='/postern|/\.ssh/|^/etc/ssh/'

# Packages bring files of their own to paths that were absent: going back then means the packaged state, not a hole
# that dpkg would never fill again. Whoever is killed in here leaves the old lists or the new ones.
snapshot_packaged() {
  # Another step of the change may be writing the others at this very moment.
  grep -Ev "$snapshot_others" "$SNAPSHOT/absent" >"$SNAPSHOT/absent.packaged" || :
  snapshot_paths "$SNAPSHOT/absent.packaged" "$SNAPSHOT/absent.next"
  grep -E "$snapshot_others" "$SNAPSHOT/absent" >>"$SNAPSHOT/absent.next" || :
  mv -f "$SNAPSHOT/absent.next" "$SNAPSHOT/absent"
  snapshot_units
  snapshot_tools
}

snapshot_units() {
  # shellcheck disable=SC2046 # a list of names
  unit_states $(cat "$PAYLOAD/units") >"$SNAPSHOT/units.next"
  mv -f "$SNAPSHOT/units.next" "$SNAPSHOT/units"
}

# What a host without a tool for its rules gets one by; nobody has changed them meanwhile but for the deployer's rule.
snapshot_tools() {
  if [ "$(cat "$SNAPSHOT/live.tools")" = "$(rule_tools)" ]; then return 0; fi
  rm -f "$SNAPSHOT"/live.* "$SNAPSHOT"/nft.*
  save_rules "$SNAPSHOT"
}

# throw_away PATH…: gone in one step, whoever is killed or loses power meanwhile: half a snapshot would be taken for that
# of a host without rules.
throw_away() {
  for thrown in "$@"; do
    [ -e "$thrown" ] || [ -e "$thrown.gone" ] || continue
    rm -rf "$thrown.gone"
    [ ! -e "$thrown" ] || mv -T "$thrown" "$thrown.gone" || return 1
    rm -rf "$thrown.gone"
  done
}
