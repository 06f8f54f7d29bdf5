# shellcheck shell=sh
# What the engines have in common that are daemons of their own. Sourced by knockd.sh and fwknop.sh, which have knock_words.

# shellcheck source=../host/knock/sandbox.sh
. "$AGENT/host/knock/sandbox.sh"

# daemon_switch UNIT PROGRAM: started, and listening. Where it does not with its sandbox, as in a container that may not
# make namespaces, it has to without: what is proven from outside and sealed then is a host without one.
daemon_switch() {
  if systemctl restart "$1" && await "$DAEMON_SECONDS" packet_socket "$2"; then return; fi
  leave_sandbox "$1" change
  reload_systemd
  systemctl restart "$1" || fail "$2 does not start: $(knock_words)"
  daemon_listens "$2"
}

# daemon_listens PROGRAM: started is not listening: its packet socket shows that it is.
daemon_listens() {
  await "$DAEMON_SECONDS" packet_socket "$1" || fail "$1 does not listen after $DAEMON_SECONDS s: $(knock_words)"
}

packet_socket() { ss -H0p 2>/dev/null | grep -q "\"$1\""; }
