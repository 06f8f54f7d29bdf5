# shellcheck shell=sh
# Who is logged in by ssh, and by what: asked before a change, and at its end, when sessions go that nobody could begin any
# more. Sourced by seal.sh; read before facts-account.sh, in the same shell.

# ssh_sessions: a line `PID USER PORT PEER TTY` for every session of an sshd but the one that asks: the process that holds
# it, the port that it came in by, and its other end. TTY is `notty` for a program alone.
ssh_sessions() {
  sessions_sockets=$(ss -Htnp state established 2>/dev/null) || sessions_sockets=
  sessions_own=" $(own_chain) "
  sessions_space=$(readlink /proc/self/ns/pid)
  # Only sshd writes so on its own processes; whoever else does is another program.
  { grep -a -l -E '^sshd[a-z-]*: ' /proc/[0-9]*/cmdline 2>/dev/null || :; } | while IFS=/ read -r _ _ session_pid _; do
    case $(readlink "/proc/$session_pid/exe" 2>/dev/null) in */sshd*) ;; *) continue ;; esac
    # A container's own sshd.
    [ "$(readlink "/proc/$session_pid/ns/pid" 2>/dev/null)" = "$sessions_space" ] || continue
    session_title=$(tr '\0' ' ' <"/proc/$session_pid/cmdline" 2>/dev/null) || continue
    session_title=${session_title#*: }
    case $session_title in
      *'[listener]'* | *'[accepted]'*) continue ;;
      # A login that is still under way has no session yet.
      *'[net]'*) session_tty=net session_user=- ;;
      *@*) session_tty=${session_title#*@} session_user=${session_title%%@*} ;;
      *' [priv]'*) session_tty=priv session_user=${session_title%% *} ;;
      # Nothing runs in it, as with ssh -N.
      [a-z_]*) session_tty=notty session_user=${session_title%% *} ;;
      *) continue ;;
    esac
    session_parent=1 session_uid=
    while read -r session_key session_value _; do
      case $session_key in PPid:) session_parent=$session_value ;; Uid:) session_uid=$session_value ;; esac
    done <"/proc/$session_pid/status" 2>/dev/null || continue
    printf '%s %s %s %s %s\n' "$session_pid" "$session_parent" "$session_uid" "$session_user" "${session_tty%% *}"
  done | awk '
    { parent[$1] = $2; uid[$1] = $3; user[$1] = $4; tty[$1] = $5 }
    END {
      for (pid in user) if (tty[pid] == "net") early[parent[pid]] = 1
      for (pid in user) if (uid[pid] != 0 && (parent[pid] in user)) shown[parent[pid]] = tty[pid]
      for (pid in user) {
        if (tty[pid] == "net" || (pid in early) || (uid[pid] != 0 && (parent[pid] in user))) continue
        print pid, user[pid], (pid in shown) ? shown[pid] : (tty[pid] == "priv" ? "notty" : tty[pid])
      }
    }' | sort -n | while read -r session_pid session_user session_tty; do
    case $sessions_own in *" $session_pid "*) continue ;; esac
    session_ends=$(printf '%s\n' "$sessions_sockets" | sed -n "/pid=$session_pid,/{s/^[0-9]* *[0-9]* *[^ ]*:\([0-9]*\) *\([^ ]*\) .*/\1 \2/p;q;}" | sed 's/\[::ffff:\([0-9.]*\)\]/\1/')
    echo "$session_pid $session_user ${session_ends:-0 unknown} $session_tty"
  done
}

# The processes that this one descends from.
own_chain() {
  chain_pid=$$
  while [ "${chain_pid:-0}" -gt 1 ]; do
    printf '%s ' "$chain_pid"
    chain_next=
    while read -r chain_key chain_value _; do
      case $chain_key in PPid:) chain_next=$chain_value ;; esac
    done <"/proc/$chain_pid/status"
    chain_pid=$chain_next
  done
}

# end_sessions: ends what came in by a way that the seal has shut, and prints a line for each, `session ended USER PEER TTY
# WHY`, and `session open USER PEER TTY` for those of the administrator whose key nobody knows any more. What runs apart
# from a session, in screen or tmux, goes on.
end_sessions() {
  sessions_admin=$(plan admin_user)
  sessions_home=$(getent passwd "$sessions_admin" | cut -d: -f6)
  sessions_keys=$(ssh-keygen -l -f "$sessions_home/.ssh/authorized_keys" 2>/dev/null) || sessions_keys=
  sessions_ports=" $(plan ssh_port) $(plan ssh_ports) $(plan backup_port) "
  ssh_sessions | while read -r session_pid session_user session_port session_peer session_tty; do
    # Another sshd's, whose port the posture opens or which is no way into this host.
    case $sessions_ports in *" $session_port "*) ;; *) continue ;; esac
    if [ "$session_user" != "$sessions_admin" ]; then
      session_why='its account may not log in any more'
    elif [ "$session_port" = "$(plan backup_port)" ]; then
      session_why='it came through the backup door'
    else
      session_why=$(session_closed "$session_pid" "$session_peer")
    fi
    case $session_why in
      kept) ;;
      unknown) echo "session open $session_user $session_peer $session_tty" ;;
      *) if end_session "$session_pid"; then echo "session ended $session_user $session_peer $session_tty $session_why"; else echo "session open $session_user $session_peer $session_tty"; fi ;;
    esac
  done
}

# session_closed PID PEER: why nobody could log in like that any more; `kept` if one could, `unknown` if sshd's journal
# does not say how it was.
session_closed() {
  closed_from="from $(printf '%s' "${2%:*}" | tr -d '[]') port ${2##*:} "
  closed_log=$(journalctl -q -b -o cat "_PID=$1" 2>/dev/null | grep -F -e "$closed_from" | grep -E '^(Accepted|Partial) ') || closed_log=
  closed_key=$(printf '%s\n' "$closed_log" | sed -n 's/^[AP][a-z]* publickey .* ssh2: \(.*\)$/\1/p' | tail -n 1)
  case $closed_key in
    '')
      if [ -z "$closed_log" ]; then echo unknown; else echo 'it had no key'; fi
      ;;
    *-CERT' '*)
      if grep -q '^TrustedUserCAKeys /' /etc/ssh/sshd_config.d/00-postern.conf; then echo kept; else echo 'certificates log in no more'; fi
      ;;
    *)
      closed_print=${closed_key#*SHA256:}
      closed_print=SHA256:${closed_print%% *}
      if printf '%s\n' "$sessions_keys" | grep -qF -e " $closed_print " || grep -q '^AuthorizedKeysCommand /' /etc/ssh/sshd_config.d/00-postern.conf; then
        echo kept
      else
        echo "its key was removed ($closed_print)"
      fi
      ;;
  esac
}

# end_session PID: as if its connection were lost.
end_session() {
  kill -s TERM "$1" 2>/dev/null || return 0
  await 3 session_gone "$1" || kill -s KILL "$1" 2>/dev/null || return 0
  await 2 session_gone "$1"
}

session_gone() { [ ! -d "/proc/$1" ]; }
