# shellcheck shell=sh
# What a later Postern changes besides what the one that sealed this host first knew of: paths and units that the
# original of the host, which `restore` puts back, says nothing about. Sourced by arm.sh, behind snapshot.sh.

# extend_origin: as they are before this change, which is the first that knows of them.
extend_origin() {
  [ -f "$STATE/origin/touch" ] || return 0
  more_found=0
  grep -Fvx -f "$STATE/origin/touch" "$PAYLOAD/touch" >"$TXN/touch.more" || more_found=$?
  case $more_found in
    0) ;;
    1) rm -f "$TXN/touch.more"; return 0 ;;
    *) fail 'the original of this host cannot be compared with what this change knows of' ;;
  esac
  origin_next=$STATE/origin.more
  rm -rf "$origin_next"
  cp -a "$STATE/origin" "$origin_next"
  while IFS= read -r path; do
    if [ -e "$SNAPSHOT/tree$path" ] || [ -L "$SNAPSHOT/tree$path" ]; then
      (cd "$SNAPSHOT/tree" && cp -a --parents "${path#/}" "$origin_next/snapshot/tree/")
    else
      printf '%s\n' "$path" >>"$origin_next/snapshot/absent"
    fi
  done <"$TXN/touch.more"
  cat "$TXN/touch.more" >>"$origin_next/touch"
  cut -d' ' -f1 "$origin_next/snapshot/units" >"$TXN/units.known"
  while read -r unit unit_rest; do
    grep -Fqx "$unit" "$TXN/units.known" || printf '%s %s\n' "$unit" "$unit_rest"
  done <"$SNAPSHOT/units" >"$TXN/units.more"
  # First, as in the list of a change: the guard is stopped before what it looks after.
  cat "$TXN/units.more" "$origin_next/snapshot/units" >"$TXN/units.all"
  mv -f "$TXN/units.all" "$origin_next/snapshot/units"
  { cut -d' ' -f4- "$origin_next/snapshot/folders"; cat "$origin_next/snapshot/absent.folders"; } >"$TXN/folders.known"
  new_folders "$SNAPSHOT/folders" >"$TXN/folders.more"
  new_folders "$SNAPSHOT/absent.folders" >"$TXN/folders.absent"
  cat "$TXN/folders.more" >>"$origin_next/snapshot/folders"
  cat "$TXN/folders.absent" >>"$origin_next/snapshot/absent.folders"
  # Its bytes before its name, and the old one goes last: it is never made again.
  sync -f "$origin_next"
  rm -rf "$STATE/origin.old"
  mv -T "$STATE/origin" "$STATE/origin.old"
  mv -T "$origin_next" "$STATE/origin"
  sync -f "$STATE"
  rm -rf "$STATE/origin.old" "$TXN/touch.more" "$TXN"/units.* "$TXN"/folders.*
}

# new_folders LIST: its lines whose path, the last word, the original has in neither of its two lists.
new_folders() { awk 'NR == FNR { known[$NF]; next } !($NF in known)' "$TXN/folders.known" "$1"; }
