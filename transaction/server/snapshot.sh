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
  rm -rf "$SNAPSHOT"
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

# Packages bring files of their own to paths that were absent: going back then means the packaged state, not a hole
# that dpkg would never fill again. Whoever is killed in here leaves the old lists or the new ones.
snapshot_packaged() {
  # No package brings the others; another step of the change may be writing them at this very moment.
  snapshot_others='/postern|/\.ssh/|^/etc/ssh/'
  grep -Ev "$snapshot_others" "$SNAPSHOT/absent" >"$SNAPSHOT/absent.packaged" || :
  snapshot_paths "$SNAPSHOT/absent.packaged" "$SNAPSHOT/absent.next"
  grep -E "$snapshot_others" "$SNAPSHOT/absent" >>"$SNAPSHOT/absent.next" || :
  mv -f "$SNAPSHOT/absent.next" "$SNAPSHOT/absent"
  snapshot_units
}

snapshot_units() {
  # shellcheck disable=SC2046 # a list of names
  unit_states $(cat "$PAYLOAD/units") >"$SNAPSHOT/units.next"
  mv -f "$SNAPSHOT/units.next" "$SNAPSHOT/units"
}

# The first snapshot ever taken is what `release` goes back to.
keep_origin() {
  if [ -d "$STATE/origin" ]; then
    origin_aging
    return
  fi
  rm -rf "$STATE/origin.next"
  mkdir -p "$STATE/origin.next"
  cp -a "$SNAPSHOT" "$PAYLOAD/touch" "$PAYLOAD/plan" "$STATE/origin.next/"
  mv "$STATE/origin.next" "$STATE/origin"
}
