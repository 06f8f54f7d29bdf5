# shellcheck shell=sh
# A service that systemd has lost sight of. Where a name that systemd knows of a unit that is missing becomes an alias of a
# service that runs (sshd.service, which cloud-init is ordered before, on a host whose ssh.service was disabled), a reload
# of systemd before version 259 may take the service for stopped: its process goes on and holds its port, and a start of
# the unit cannot have it. Sourced by agent.sh, and a part of /usr/local/lib/postern/guard.

# end_lost UNIT STATE PID: ends the process of a unit that systemd takes for stopped, so that it can be started again;
# fails where there is none. The sessions of an sshd go on.
end_lost() {
  case $2 in inactive | failed) ;; *) return 1 ;; esac
  case $3 in '' | 0 | 1 | *[!0-9]*) return 1 ;; esac
  grep -qs "/$1\$" "/proc/$3/cgroup" || return 1
  kill "$3" 2>/dev/null
  lost_waits=0
  while [ -e "/proc/$3" ] && [ "$lost_waits" -lt 50 ]; do
    sleep 0.1
    lost_waits=$((lost_waits + 1))
  done
}
