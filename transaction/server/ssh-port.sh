# shellcheck shell=sh
# Who has the port of the main sshd: made free for the sshd that is to have it, and asked whether that one answers.
# Sourced by agent.sh.

# port_pids PORT [NAME-PATTERN]: the processes that listen there, each on a line. One socket may have several.
port_pids() {
  ss -Hltnp "sport = :$1" | grep -o "\"${2:-[^\"]*}\",pid=[0-9]*" | sed 's/.*=//' | sort -u
}

# clear_port PORT [all]: ends every sshd that still listens there although its unit was stopped: one that systemd lost
# sight of, or a session that kept its daemon's listening socket (OpenSSH of Ubuntu 22.10 to 24.04). It accepts nobody, and
# keeps everybody else from the port. With `all`, every other process that listens there as well: the last resort, where
# nobody would get in otherwise. Fails when the port is still taken.
clear_port() {
  end_listeners "$1" 'sshd[a-z-]*' || return 1
  [ "${2:-}" != all ] || end_listeners "$1" '[^"]*'
}

# end_listeners PORT NAME-PATTERN: TERM, and KILL for those that are still there after 2 s. Never systemd itself.
end_listeners() {
  now
  # shellcheck disable=SC2154 # set by now
  end_begin=$now end_signal=TERM
  while end_pids=$(port_pids "$1" "$2" | grep -vx 1) && [ -n "$end_pids" ]; do
    for end_pid in $end_pids; do kill -s "$end_signal" "$end_pid" 2>/dev/null || :; done
    sleep 0.1
    now
    [ "$now" -le $((end_begin + 2)) ] || end_signal=KILL
    [ "$now" -le $((end_begin + 20)) ] || return 1
  done
}

# sshd_answers PORT: the sshd that is to have the port has it, and greets. A listener alone proves nothing: it may be
# somebody else's, or a copy of a socket on which nobody accepts.
sshd_answers() {
  answers_listed=$(ss -Hltnp "sport = :$1")
  [ -n "$answers_listed" ] || return 1
  case $answers_listed in *users:*) sshd_is_own "$answers_listed" || return 1 ;; esac
  # A greeting that nobody answers looks like an attack: fail2ban and its like would shut the host out of itself.
  for answers_guard in fail2ban.service crowdsec.service sshguard.service; do
    ! systemctl -q is-active "$answers_guard" || return 0
  done
  printf '%s\n' "$answers_listed" | sed 's/^[^ ]* *[0-9]* *[0-9]* *\([^ ]*\):[0-9]* .*/\1/' | sort -u | {
    while IFS= read -r answers_address; do
      answers_address=${answers_address#'['}
      answers_address=${answers_address%']'}
      answers_address=${answers_address%'%'*}
      case $answers_address in '*' | 0.0.0.0) answers_address=127.0.0.1 ;; ::) answers_address=::1 ;; esac
      ! sshd_greets "$answers_address" "$1" || exit 0
    done
    exit 1
  }
}

# sshd_is_own LISTED: among these listeners is the daemon of sshd's unit, or systemd for its socket.
sshd_is_own() {
  sshd_main=$(systemctl show -p MainPID --value "$SSH_UNIT")
  case $1 in *,"pid=${sshd_main:-0}",*) return 0 ;; esac
  if had_socket; then case $1 in *,pid=1,*) return 0 ;; *) return 1 ;; esac; fi
  # Started by something else than its unit, before the change as well.
  ! grep -q "^$SSH_UNIT [a-z]* active" "$SNAPSHOT/units"
}

# had_socket: in the snapshot, systemd listens for sshd.
had_socket() { grep -q "^$SSH_SOCKET [a-z]* active" "$SNAPSHOT/units"; }

# sshd_greets ADDRESS PORT: with its version, or with why it refuses this client. Where the host's own rules drop what it
# sends to itself, nothing can be told, and the listener counts. Patient, because systemd may have to start sshd first.
sshd_greets() {
  command -v bash >/dev/null 2>&1 || return 0
  greets_code=0
  # shellcheck disable=SC2016 # for bash, which can open connections
  timeout 30 bash -c 'exec 3<>"/dev/tcp/$0/$1" && IFS= read -r -t 25 line <&3 && case $line in SSH-* | "Not allowed"* | Exceeded*) ;; *) exit 3 ;; esac' \
    "$1" "$2" >/dev/null 2>&1 || greets_code=$?
  case $greets_code in 0 | 124) ;; *) return 1 ;; esac
}
