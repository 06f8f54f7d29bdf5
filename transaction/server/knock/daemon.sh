# shellcheck shell=sh
# What the engines have in common that are daemons of their own. Sourced by knockd.sh and fwknop.sh, which have knock_words.

# daemon_listens PROGRAM: started is not listening: its packet socket shows that it is.
daemon_listens() {
  await "$DAEMON_SECONDS" packet_socket "$1" || fail "$1 does not listen after $DAEMON_SECONDS s: $(knock_words)"
}

packet_socket() { ss -H0p 2>/dev/null | grep -q "\"$1\""; }
