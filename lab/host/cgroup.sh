# shellcheck shell=sh
# A cgroup of its own for each host, in every hierarchy that systemd uses: pure v2, v1 `name=systemd`, or both.
# So a unit stopped in one host cannot touch another, and whatever a host leaves behind can be found and killed.

# Prints "HIERARCHY-KEY MOUNTPOINT" lines; the key is as in /proc/PID/cgroup: empty for v2, `name=systemd` for v1.
cgroup_hierarchies() {
  while read -r _ at type options _; do
    # Another mount may hide this one.
    [ -e "$at/cgroup.procs" ] || continue
    case $at:$type:,$options, in
      /sys/fs/cgroup*:cgroup2:*) echo "v2 $at" ;;
      /sys/fs/cgroup*:cgroup:*,name=systemd,*) echo "name=systemd $at" ;;
    esac
  done </proc/mounts
}

# Prints the cgroup folders of process $1, one a line.
cgroups_of() {
  cgroup_hierarchies | while read -r key at; do
    [ "$key" != v2 ] || key=
    sed -n "s|^[0-9]*:$key:/\{0,1\}|$at/|p" "/proc/$1/cgroup"
  done
}

# Prints the cgroup folders of the host with index $1, one a line: its own at the top, or a scope that systemd made.
# Nothing deeper: a folder of this name further down belongs to a lab in a container.
host_cgroups() {
  cgroup_hierarchies | while read -r _ at; do
    for folder in "$at/postern$1" "$at/system.slice/postern$1.scope"; do
      [ ! -d "$folder" ] || echo "$folder"
    done
  done
}

# Prints where the cpu controller of v1 is mounted by itself; nothing where it is not.
cpu_hierarchy() {
  while read -r _ at type options _; do
    case $type:,$options, in cgroup:*,cpu,*) [ ! -e "$at/cgroup.procs" ] || { echo "$at"; return; } ;; esac
  done </proc/mounts
}

# Moves process $1 into the cgroup of the host with index $2.
# Where systemd runs the machine it has already made a delegated scope: cgroups are systemd's there.
enter_cgroup() {
  ! grep -qs "/postern$2\.scope$" "/proc/$1/cgroup" || return 0
  remove_cgroups "$2"
  cgroup_hierarchies | while read -r _ at; do
    mkdir -p "$at/postern$2"
    echo "$1" >"$at/postern$2/cgroup.procs"
  done
}

# Kills every process of the host with index $1 except process $2, and waits until they are gone.
kill_processes() {
  tries=0
  while :; do
    found=
    for pid in $(host_cgroups "$1" | while read -r at; do find "$at" -name cgroup.procs -exec cat {} +; done 2>/dev/null); do
      [ "$pid" = "${2:-}" ] || [ ! -d "/proc/$pid" ] || {
        found="$found $pid"
        kill -9 "$pid" 2>/dev/null || :
      }
    done
    [ -n "$found" ] || return 0
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || die "processes$found do not end after SIGKILL; look at them with ps, then try again"
    sleep 0.05
  done
}

# Removes the cgroups of the host with index $1, whose processes are dead: the kernel takes a moment to let go of them.
# All of them or none will do: where a v2 folder is left, nspawn does not make its v1 twin, and then cannot start.
remove_cgroups() {
  [ ! -d /run/systemd/system ] || systemctl stop --quiet "postern$1.scope" 2>/dev/null || :
  # Of a host that was slowed (slow.sh).
  cpu=$(cpu_hierarchy)
  [ ! -d "$cpu/postern$1" ] || rmdir "$cpu/postern$1" 2>/dev/null || :
  tries=0
  while left=$(host_cgroups "$1") && [ -n "$left" ]; do
    # shellcheck disable=SC2086 # a path under /sys/fs/cgroup a line, none with blanks
    find $left -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.02
    tries=$((tries + 1))
    [ "$tries" -lt 500 ] || die "the kernel does not let go of these cgroups: $left"
  done
}
