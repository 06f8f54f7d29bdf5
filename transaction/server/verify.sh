# shellcheck shell=sh
# What the outside check needs from the host. Sourced by agent.sh.

# door_seconds N FAMILY: how long the kernel keeps a timed door open, for family 4 or 6; `configured` for N goes back to
# the posture's. Shortened while the deployer measures that the door closes by itself, so that nobody has to wait long.
door_seconds() {
  seconds=$1
  [ "$seconds" != configured ] || seconds=$(plan open_seconds)
  case $2 in 4) tool=iptables ;; 6) tool=ip6tables ;; esac
  sed "s/--seconds [0-9]*/--seconds $seconds/" "/etc/postern/chain.v$2" | "$tool-restore" -w 10 -n
}

# Who may come in now, as the kernel lists them.
knockers() {
  for list in postern4 postern6; do
    [ ! -r "/proc/net/xt_recent/$list" ] || sed -n 's/^src=\([^ ]*\) .*/\1/p' "/proc/net/xt_recent/$list"
  done
}

# forget_knockers FAMILY: nobody has knocked.
forget_knockers() {
  [ ! -w "/proc/net/xt_recent/postern$1" ] || echo / >"/proc/net/xt_recent/postern$1"
}
