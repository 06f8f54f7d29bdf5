# shellcheck shell=sh
# A systemctl that asks again. While systemd executes itself anew, as an upgrade of it has it do, it answers nobody: that says
# nothing of any unit, and what it was told meanwhile it has not heard. Sourced by the agent, a part of the host's own programs,
# and sent in front of what gathers facts.

systemctl() { ask_systemd systemctl "$@"; }

# ask_systemd PROGRAM…: runs it again, for 20 s, until systemd answers it. What systemd refuses is refused at once.
ask_systemd() {
  systemd_end=
  while :; do
    systemd_status=0
    # Its answers go on to where they go; only what it complains of is read.
    { systemd_said=$(command ${systemd_limit:+timeout "$systemd_limit"} "$@" 2>&1 >&3 3>&-) || systemd_status=$?; } 3>&1
    systemd_unheard || break
    read -r systemd_now _ </proc/uptime
    systemd_now=${systemd_now%%.*}
    systemd_end=${systemd_end:-$((systemd_now + 20))}
    # Whoever did not get an answer in all that time does not wait for the next one.
    if [ -n "${systemd_silent:-}" ] || [ "$systemd_now" -ge "$systemd_end" ]; then break; fi
    sleep 0.1
  done
  if systemd_unheard; then systemd_silent=yes; else systemd_silent=; fi
  [ -z "$systemd_said" ] || printf '%s\n' "$systemd_said" >&2
  return "$systemd_status"
}

# Refused, reset by peer, terminated, timed out, not connected, disconnected without replying: whatever the sentence, it is about
# the connection, as no refusal of systemd's is.
systemd_unheard() {
  [ "$systemd_status" -ne 0 ] || return 1
  case $systemd_said in
    *'not been booted with systemd'*) return 1 ;;
    *[Cc]onnect* | *'not receive a reply'*) ;;
    *) return 1 ;;
  esac
}

# systemctl_within SECONDS ARGUMENT…: where a job may wait for ever.
systemctl_within() {
  systemd_limit=$1
  shift
  systemctl "$@" || { systemd_limit='' && return 1; }
  systemd_limit=
}
