# shellcheck shell=sh
# What all lab hosts of this machine share: network indexes and a few settings of the machine, made for the first host
# and taken back after the last. Everything here runs under one lock.

: "${run:?}" "${subnet4:?}"

# Prints the network index claimed by the host in folder $1; fails if it has none.
claimed_index() {
  for claim in "$run"/hosts/*; do
    [ "$(readlink "$claim")" != "$1" ] || {
      echo "${claim##*/}"
      return 0
    }
  done
  return 1
}

# Gives the host in folder $1 a network index (the one it had, if it is free) and makes the machine ready for it.
claim_index() {
  lock 7 "$run/lock/machine"
  mkdir -p "$run/hosts"
  if ! index=$(claimed_index "$1"); then
    wanted=$(cat "$1/index" 2>/dev/null) || wanted=
    # Hosts that are not running (after a restart of the machine) keep their number.
    taken=" $(cat "$1"/../../*/*/index 2>/dev/null | tr '\n' ' ') "
    # The numbers go round, so that an address is not somebody else's the moment it is free.
    last=$(cat "$run/last-index" 2>/dev/null) || last=0
    for index in $wanted $(seq $((last + 1)) 250) $(seq 1 "$last") none; do
      case $taken in *" $index "*) [ "$index" = "$wanted" ] || continue ;; esac
      [ -L "$run/hosts/$index" ] || break
    done
    [ "$index" != none ] || die "all 250 addresses for lab hosts are taken; destroy some (list: $run/hosts)"
    echo "$index" >"$run/last-index"
    ln -sT "$1" "$run/hosts/$index"
  fi
  machine_prepare
  echo "$index" >"$1/index"
  exec 7>&-
}

# Gives back the index of the host in folder $1.
release_index() {
  lock 7 "$run/lock/machine"
  ! index=$(claimed_index "$1") || rm "$run/hosts/$index"
  ! rmdir "$run/hosts" 2>/dev/null || machine_release
  exec 7>&-
}

machine_prepare() {
  # A link that goes while `ip` reads is called ifN.
  foreign=$(ip -o route show root "$subnet4.0.0/16" | grep -v -e ' dev postern' -e ' dev if[0-9]' -e '^unreachable') || :
  [ -z "$foreign" ] || die "this machine already uses part of $subnet4.0.0/16, which the lab needs: $foreign"
  routes_add
  # At some 20 hosts the default of 128 is used up and boots hang.
  [ "$(cat /proc/sys/fs/inotify/max_user_instances)" -ge 8192 ] ||
    echo 8192 >/proc/sys/fs/inotify/max_user_instances
  # nspawn refuses to clean up under this folder unless it is on a file system in memory.
  if [ "$(stat -f -c %T /run)" != tmpfs ] && ! mountpoint -q /run/systemd/nspawn; then
    mkdir -p /run/systemd/nspawn
    mount -t tmpfs -o mode=755 postern-lab /run/systemd/nspawn
    : >"$run/mounted-nspawn"
  fi
  # `ip netns` mounts this folder at its first use and leaves it so.
  mountpoint -q /run/netns || : >"$run/mounted-netns"
}

machine_release() {
  routes_remove
  [ ! -e "$run/mounted-nspawn" ] || umount /run/systemd/nspawn 2>/dev/null || :
  [ ! -e "$run/mounted-netns" ] || umount /run/netns 2>/dev/null || :
  rm -f "$run/mounted-nspawn" "$run/mounted-netns" "$run/lock/start"
}
