# shellcheck shell=sh
# A rollback on a host whose disk cannot be written: the kernel makes it read-only when it fails. Sourced by agent.sh.
#
# What the rollback writes goes into memory then, laid over the folders on the disk (overlayfs; where the kernel has none,
# file by file). So rules, sshd and units are as before and the owner gets in, until the disk can be written again or the
# host boots: then all of it is done anew, on the disk.
#
#   $HELD              waits=FOLDER…, errors=STEP…: what such a rollback waits for, and what it could not do
#   $IN_MEMORY/under   the folders as they are on the disk;  upper, work: what overlayfs writes;  bound: single files

# In memory, and no unit's own: systemd would take the folder along.
IN_MEMORY=/run/postern-rollback
HELD=$IN_MEMORY/held

# disk_writable FOLDER: tried, because a kernel that gave up a file system need not call it read-only. A full one is
# something else: the rollback makes room.
disk_writable() {
  # A name that nobody can lay a link at: the folder may be a user's.
  disk_answer=$(mktemp "$1/.postern-probe.XXXXXX" 2>&1) && { rm -f "$disk_answer"; return 0; }
  case $disk_answer in *'No space'* | *uota*) return 0 ;; esac
  return 1
}

# disk_cover: sets $disk_waits to the folders that can't be written, and lays memory over them.
disk_cover() {
  disk_waits=
  disk_writable "$STATE" || disk_waits=$STATE
  for covered in /etc /usr/local $(sed -n 's#/\.ssh/authorized_keys$##p' "${ROLLBACK_TOUCH:-$PAYLOAD/touch}"); do
    if [ ! -d "$covered" ] || disk_writable "$covered"; then continue; fi
    disk_waits="$disk_waits $covered"
    disk_lay "$covered" || say "nothing can be laid over $covered"
  done
}

# disk_lay FOLDER
disk_lay() {
  for layer in under upper work; do mkdir -p "$IN_MEMORY/$layer$1" || return 1; done
  # The folder itself is seen as its upper one: mode, owner and label.
  chown --reference="$1" "$IN_MEMORY/upper$1" && chmod --reference="$1" "$IN_MEMORY/upper$1" || return 1
  ! command -v getenforce >/dev/null 2>&1 || chcon --reference="$1" "$IN_MEMORY/upper$1" 2>/dev/null || :
  # Private, or what is laid over the folder would be laid over this as well.
  mount --bind "$1" "$IN_MEMORY/under$1" && mount --make-private "$IN_MEMORY/under$1" || return 1
  mount -t overlay postern-rollback -o "lowerdir=$IN_MEMORY/under$1,upperdir=$IN_MEMORY/upper$1,workdir=$IN_MEMORY/work$1" "$1" && return 0
  umount "$IN_MEMORY/under$1"
  return 1
}

# disk_bind SAVED PATH: what can't be replaced is covered; SAVED is empty for a file that was not there. One that is gone
# can't be covered.
disk_bind() {
  [ -n "${disk_waits:-}" ] && [ -f "$2" ] || return 1
  disk_saved=$1
  if [ -z "$disk_saved" ]; then
    [ -s "$2" ] || return 0
    disk_saved=$IN_MEMORY/empty
    : >>"$disk_saved" || return 1
    chmod 644 "$disk_saved"
  fi
  mount --bind "$disk_saved" "$2" && printf '%s\n' "$2" >>"$IN_MEMORY/bound"
}

# disk_hold ERRORS: done as far as it goes; the timer looks on.
disk_hold() {
  mkdir -p "$IN_MEMORY"
  disk_waits=${disk_waits# }
  printf '%s\n' "waits=$disk_waits" "errors=$1" >"$HELD"
  put_record "errors=$1" 2>/dev/null || :
  say "$disk_waits cannot be written: the rollback puts into memory what it can${1:+; these steps failed: $1}. It is completed when the disk can be written again, or at the next boot"
}

# disk_held: has a rollback of this boot done what it could, and is its disk still read-only?
disk_held() {
  [ -f "$HELD" ] || return 1
  look_up "$HELD" waits
  # shellcheck disable=SC2154 # set by look_up
  for covered in $got; do
    [ ! -d "$IN_MEMORY/under$covered" ] || ! mountpoint -q "$IN_MEMORY/under$covered" || covered=$IN_MEMORY/under$covered
    disk_writable "$covered" || return 0
  done
  disk_uncover
  return 1
}

# Lazily, because daemons hold files open. Nothing is removed that is still a folder of the disk.
disk_uncover() {
  [ ! -f "$IN_MEMORY/bound" ] || while IFS= read -r covered; do umount -l "$covered"; done <"$IN_MEMORY/bound"
  look_up "$HELD" waits
  for covered in $got; do
    mountpoint -q "$IN_MEMORY/under$covered" 2>/dev/null || continue
    umount -l "$covered"
    umount -l "$IN_MEMORY/under$covered"
  done
  rm -rf --one-file-system "$IN_MEMORY/upper" "$IN_MEMORY/work" "$IN_MEMORY/bound" "$IN_MEMORY/empty" "$HELD"
  find "$IN_MEMORY" -xdev -depth -type d -exec rmdir {} + 2>/dev/null || :
}
