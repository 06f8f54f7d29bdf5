# shellcheck shell=sh
# What the host programs share. Sourced, with `here` set to this folder.
#
# A host's folder ($home/hosts/OWNER/NAME) holds
#   release, base → image   identity/ (files that make this host this one)
#   upper/ work/ root/      overlay over the image; root/ is the mounted root file system
#   mebibytes               size of the host's own disk; absent if it has none. Then there are
#   disk.img disk/          that disk and where it is mounted, upper/ and work/ on it; fsck.log, what its check said
#   index                   network index, see network.sh
#   supervisor, nspawn      "PID STARTTIME" of the two processes
#   boots                   how often it was booted, decimal
#   console.log(.1)         what this (the previous) boot printed
#   failure                 why the supervisor gave up; absent otherwise

: "${here:?}"

# Volatile state of all labs on this machine: network indexes are a machine-wide resource, whoever owns the host.
run=/run/postern-lab

die() {
  echo "$*" >&2
  exit 1
}

# Takes a lock on file descriptor $1, waiting for it. Safe against holders that remove the file before they leave.
lock() {
  while :; do
    mkdir -p "${2%/*}"
    eval "command exec $1>>\"\$2\"" 2>/dev/null || continue
    flock "$1"
    [ "$(stat -L -c %i "$2" 2>/dev/null)" != "$(stat -L -c %i "/proc/self/fd/$1")" ] || return 0
  done
}

# Prints when process $1 started, in clock ticks since boot: with the PID it names a process for good.
start_time() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # The command's name, in parentheses, may hold anything; what follows the last one is plain fields.
  # shellcheck disable=SC2086 # fields
  set -- ${stat##*) }
  # A zombie that nobody reaps is not running.
  [ "$1" != Z ] || return 1
  echo "${20}"
}

# Writes "PID STARTTIME" of process $1 to file $2.
record_process() {
  echo "$1 $(start_time "$1")" >"$2.new"
  mv "$2.new" "$2"
}

# Prints the PID recorded in file $1 if that very process still runs; fails otherwise.
recorded_process() {
  read -r pid started 2>/dev/null <"$1" || return 1
  [ "$(start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

# Prints the PID that the host's PID 1 has on this machine; fails while the host is down.
init_process() {
  nspawn=$(recorded_process "$1/nspawn") || return 1
  children=$(cat "/proc/$nspawn/task/$nspawn/children" 2>/dev/null) || return 1
  for child in $children; do
    ! grep -qs '^NSpid:.*[[:space:]]1$' "/proc/$child/status" || {
      echo "$child"
      return 0
    }
  done
  return 1
}

. "$here/cgroup.sh"
. "$here/network.sh"
. "$here/storage.sh"
. "$here/machine.sh"
. "$here/power.sh"
