# shellcheck shell=sh
# What the host was before Postern ever changed it: the first snapshot that was kept, which `restore` goes back to. Sourced.
#
#   $STATE/origin/snapshot, touch, plan   of the first change
#   $STATE/origin/written                 paths of a change that were there when the last one was committed
#
# Packages that a later change brings, or the owner between two, fill paths that were absent at first. These files are
# theirs: the origin takes them on as they came.

keep_origin() {
  # Thrown away by an earlier try of this.
  [ -d "$SNAPSHOT" ] || return 0
  whole_origin
  if [ -d "$STATE/origin" ]; then
    adopt_packaged
    origin_aging
  else
    rm -rf "$STATE/origin.next"
    mkdir -p "$STATE/origin.next"
    cp -a "$SNAPSHOT" "$PAYLOAD/touch" "$PAYLOAD/plan" "$STATE/origin.next/"
    # Its bytes before its name: it is never made again.
    sync -f "$STATE/origin.next"
    mv "$STATE/origin.next" "$STATE/origin"
  fi
  while IFS= read -r path; do
    if [ -e "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
  done <"$PAYLOAD/touch" >"$STATE/origin/written.next"
  mv -f "$STATE/origin/written.next" "$STATE/origin/written"
}

# whole_origin: origin.sh replaces it in two steps, and the power may go between them.
whole_origin() { [ -d "$STATE/origin" ] || [ ! -d "$STATE/origin.old" ] || mv "$STATE/origin.old" "$STATE/origin"; }

adopt_packaged() {
  origin_new=$STATE/origin/new
  came_since >"$origin_new"
  [ -s "$origin_new" ] || { rm -f "$origin_new"; return 0; }
  # Copies first: a path that is neither absent nor saved is left as it is.
  sed 's#^/##' "$origin_new" | (cd "$SNAPSHOT/tree" && xargs -d '\n' cp -a --parents -t "$STATE/origin/snapshot/tree")
  grep -Fvx -f "$origin_new" "$STATE/origin/snapshot/absent" >"$STATE/origin/absent.next" || :
  sync -f "$STATE/origin"
  mv -f "$STATE/origin/absent.next" "$STATE/origin/snapshot/absent"
  rm -f "$origin_new"
}

# came_since: paths that were absent at first and that this change found, or its packages brought, although no earlier
# change had written them. What has Postern's name or is sshd's nobody else writes.
came_since() {
  if [ -f "$STATE/origin/written" ]; then
    cat "$STATE/origin/written"
  else
    sed -n 's/^file \(.*\) [0-9a-f]* [0-7]* [^ ]*$/\1/p' "$STATE/sealed/manifest" 2>/dev/null
  fi >"$STATE/origin/earlier"
  # shellcheck disable=SC2154 # of snapshot.sh
  grep -Ev "$snapshot_others" "$STATE/origin/snapshot/absent" | grep -Fvx -f "$STATE/origin/earlier" | while IFS= read -r path; do
    # Saved while Postern's rules were in force, it would shut the host that is given back.
    case $path in /etc/iptables/*) ! grep -qs POSTERN- "$SNAPSHOT/tree$path" || continue ;; esac
    if [ -e "$SNAPSHOT/tree$path" ] || [ -L "$SNAPSHOT/tree$path" ]; then printf '%s\n' "$path"; fi
  done
  rm -f "$STATE/origin/earlier"
}
