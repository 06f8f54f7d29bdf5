# shellcheck shell=sh
# What the outside check needs from the host. Sourced by agent.sh.

# The door of this host as its firewall has it: door_open, door_close, door_list, door_forget, door_time.
door_program() {
  # shellcheck source=/dev/null
  . /etc/postern/door.conf
  # shellcheck source=host/firewall/ufw.sh
  . /usr/local/lib/postern/firewall
}

# door_timeout N FAMILY…: how long the kernel keeps a timed door open, for families 4 and 6; `configured` for N goes back
# to the posture's. Shortened while the deployer measures that the door closes by itself, so that nobody has to wait long.
# Prints who may come in now, as the kernel lists them.
door_timeout() {
  door_program
  door_list
  case $1 in configured) seconds=$(plan open_seconds) ;; *) seconds=$1 ;; esac
  shift
  for family in "$@"; do door_time "$seconds" "$family"; done
}

# flush_door FAMILY…: nobody has knocked.
flush_door() {
  door_program
  for family in "$@"; do door_forget "$family"; done
}
