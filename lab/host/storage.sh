# shellcheck shell=sh
# Where what a host writes goes: a folder of this machine, or a disk of the host's own, an ext4 image on a loop device.
# A disk of its own can be full, read-only or stalled without this machine's being so, and a power cut loses what was
# not synced: what the host wrote is in that file system's memory, not in this machine's.

# Errors make it read-only, as Debian and the cloud images mount theirs; the tables are made as blocks are used.
disk_options=errors=remount-ro,noinit_itable,noatime

has_disk() { [ -e "$1/mebibytes" ]; }

# Makes empty storage for the host in folder $1, with its identity in it; what was there is gone. Not while it has power.
storage_make() {
  rm -rf --one-file-system "$1/upper" "$1/work" "$1/disk.img" "$1/seed"
  if has_disk "$1"; then storage_seed=$1/seed; else storage_seed=$1; fi
  mkdir -p "$storage_seed/upper" "$storage_seed/work"
  cp -a "$1/identity/." "$storage_seed/upper"
  has_disk "$1" || return 0
  command -v mkfs.ext4 >/dev/null || die "a lab host with a disk of its own needs mkfs.ext4: apt-get install e2fsprogs"
  mkdir -p "$1/disk"
  truncate -s "$(cat "$1/mebibytes")M" "$1/disk.img"
  # No blocks kept for root, as everybody in a host is; room in the tables for many small files.
  mkfs.ext4 -q -F -m 0 -i 8192 -O ^resize_inode -E lazy_itable_init=1,nodiscard -d "$storage_seed" "$1/disk.img"
  rm -rf "$storage_seed"
}

# Mounts the root of the host in folder $1, where it is not. Chained, as its caller looks at the result.
storage_mount() {
  at=$1
  if has_disk "$1"; then
    at=$1/disk
    mountpoint -q "$at" || disk_attach "$1" || return 1
  fi
  mountpoint -q "$1/root" ||
    mount -t overlay postern-lab \
      -o "lowerdir=$(readlink -f "$1/base")/root,upperdir=$at/upper,workdir=$at/work" "$1/root"
}

# As at a boot: the disk is checked, then mounted. The device goes by itself once nobody uses the disk.
disk_attach() {
  disk_release "$1"
  # Somebody may keep the file system of the boot before alive, which writes the last that it holds when it goes: not here.
  if [ -n "$(disk_devices "$1")" ]; then
    cp --sparse=always "$1/disk.img" "$1/disk.img.next" && mv "$1/disk.img.next" "$1/disk.img" || return 1
  fi
  device=$(losetup --find --show "$1/disk.img") || return 1
  e2fsck -p "$device" >"$1/fsck.log" 2>&1 || [ "$?" -lt 4 ] || e2fsck -y "$device" >>"$1/fsck.log" 2>&1 || :
  if mount -t ext4 -o "$disk_options" "$device" "$1/disk"; then
    losetup --detach "$device"
  else
    losetup --detach "$device"
    return 1
  fi
}

# Prints the loop devices on the disk image of the host in folder $1, one a line, also when that folder is gone.
disk_devices() {
  for backing in /sys/block/loop*/loop/backing_file; do
    # The device may go meanwhile.
    IFS= read -r image 2>/dev/null <"$backing" || continue
    case $image in "$1/disk.img" | "$1/disk.img (deleted)") ;; *) continue ;; esac
    device=${backing%/loop/backing_file}
    echo "/dev/${device##*/}"
  done
}

# Lets go of the loop devices that somebody who was killed left behind.
disk_release() {
  disk_devices "$1" | while read -r device; do losetup --detach "$device" 2>/dev/null || :; done
}

# Takes the root of the host in folder $1, which is dead, from where it is mounted; its disk with it.
storage_unmount() {
  ! has_disk "$1" || disk_retire "$1"
  tries=0
  while mountpoint -q "$1/root"; do
    # Somebody outside may still have a file open in it; after a while, detach it all the same.
    [ "$tries" -lt 20 ] || umount --lazy "$1/root"
    umount "$1/root" 2>/dev/null || sleep 0.05
    tries=$((tries + 1))
  done
  has_disk "$1" || return 0
  while mountpoint -q "$1/disk"; do umount "$1/disk" 2>/dev/null || umount --lazy "$1/disk"; done
  disk_release "$1"
}

# The last of what a dead host wrote goes to its disk, and then nothing more: somebody may keep the file system alive after
# it is unmounted, and must not write beside the next boot.
disk_retire() {
  disk_resume "$1"
  mountpoint -q "$1/disk" || return 0
  # A read-only one, or one that lost its power, refuses.
  sync -f "$1/disk" 2>/dev/null || :
  disk_lose "$1"
  blockdev --flushbufs "$(findmnt --noheadings --output SOURCE --mountpoint "$1/disk")" 2>/dev/null || :
}

# What was not synced is lost: the file system stops at once and never writes what it still holds in memory.
# EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH.
disk_lose() {
  # shellcheck disable=SC2016 # Perl's own variables
  perl -e '$how = pack("L", 2); open(AT, "<", $ARGV[0]) && ioctl(AT, 0x8004587D, $how) or die "$ARGV[0]: $!\n"' "$1/disk"
}

# Ends a stall, if there is one.
disk_resume() { fsfreeze --unfreeze "$1/disk" 2>/dev/null || :; }
