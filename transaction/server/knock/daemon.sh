# shellcheck shell=sh
# What the engines have in common that are daemons of their own. Sourced by knockd.sh and fwknop.sh, which have knock_words.

# daemon_listens PROGRAM: started is not listening: its packet socket shows that it is.
daemon_listens() {
  tries=0
  until ss -H0p 2>/dev/null | grep -q "\"$1\""; do
    tries=$((tries + 1))
    [ "$tries" -lt 250 ] || fail "$1 does not listen after 5 s: $(knock_words)"
    sleep 0.02
  done
}
