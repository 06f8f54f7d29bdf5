# shellcheck shell=sh
# Ports that an unprivileged user of the host cannot keep from a change. Sourced by agent.sh's parts.

# free_port [PORT…]: a TCP port that nobody listens on, that is none of these and that /etc/services does not know. Below
# 1024, where only root may listen: whoever holds every other port, or waits for this one, holds up nothing. Where the
# host lets everybody listen there, one of the high ports has to do.
free_port() {
  read -r free_start </proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || free_start=1024
  free_first=600 free_count=424
  [ "$free_start" -ge 1024 ] || free_first=20000 free_count=10000
  free_taken=" $* $(ss -Hltn | sed 's/^[^ ]* *[0-9]* *[0-9]* *[^ ]*:\([0-9]*\) .*/\1/' | sort -u | tr '\n' ' ') "
  free_at=$(od -An -N2 -tu2 /dev/urandom)
  free_tries=0
  while [ "$free_tries" -lt "$free_count" ]; do
    free_candidate=$((free_first + (free_at + free_tries) % free_count))
    free_tries=$((free_tries + 1))
    case $free_taken in *" $free_candidate "*) continue ;; esac
    ! grep -qs "[[:space:]]$free_candidate/tcp" /etc/services || continue
    echo "$free_candidate"
    return 0
  done
  fail "no TCP port from $free_first to $((free_first + free_count - 1)) is free on this host; ss -ltnp shows who listens on them"
}

# squatted PORT: only unprivileged users' own processes listen there, and no service that somebody set up for the host.
# By the user and the cgroup that the kernel tells: a process can call itself anything.
squatted() {
  squat_list=$(ss -Hltne "sport = :$1")
  [ -n "$squat_list" ] || return 1
  ! printf '%s\n' "$squat_list" | grep -qv ' uid:[1-9]' || return 1
  ! printf '%s\n' "$squat_list" | grep ' cgroup:/system\.slice/[^ ]*\.service' |
    grep -qv '/\(cron\|crond\|atd\|ssh\|sshd\)\.service'
}

# shared PORT: does an unprivileged user listen there, too? Whoever has one address or one family meets who knocks at it.
shared() { ss -Hltne "sport = :$1" | grep -q ' uid:[1-9]'; }

# listeners PORT: who they are, for messages.
listeners() { ss -Hltnp "sport = :$1" | sed 's/.*users:/users:/' | head -n 3; }
