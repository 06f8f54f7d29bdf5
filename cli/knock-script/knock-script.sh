# shellcheck shell=sh disable=SC2154
# Above stand `name`, `address`, `ssh_port` and `knocks`, a list of protocol:port. Put in front by `postern knock --script`.
set -u

# Milliseconds would do, but a program takes a while to start, and a second SYN after one second spoils the knock.
pause=0.2

has() { command -v "$1" >/dev/null 2>&1; }

# for_a_moment COMMAND…: a connection that nobody answers would be tried again and again.
for_a_moment() {
  "$@" >/dev/null 2>&1 </dev/null &
  sleep "$pause"
  kill "$!" 2>/dev/null
  wait "$!" 2>/dev/null
}

# The first two keep the ports out of the list of processes; with the others every user of this machine can see them.
with_python() {
  printf '%s\n' "$address" "$knocks" | python3 -c 'import socket, sys, time
address, knocks = sys.stdin.read().split("\n")[:2]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
for knock in knocks.split():
    protocol, port = knock.split(":")
    with socket.socket(family, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM) as s:
        if protocol == "udp":
            s.sendto(b"", (address, int(port)))
        else:
            s.setblocking(False)
            s.connect_ex((address, int(port)))
    time.sleep(0.05)'
}

with_bash() {
  # shellcheck disable=SC2016,SC2086 # for bash to expand; one line for each knock
  printf '%s\n' "$address" $knocks | bash -c 'read -r address
while IFS=: read -r protocol port; do
  if [ "$protocol" = udp ]; then
    { printf x >"/dev/udp/$address/$port"; } 2>/dev/null
  else
    (exec 3<>"/dev/tcp/$address/$port") >/dev/null 2>&1 </dev/null &
    sleep 0.2
    kill "$!" 2>/dev/null
  fi
  sleep 0.05
done'
}

with_nc() {
  for knock in $knocks; do
    if [ "${knock%%:*}" = udp ]; then
      printf x | nc -u -w 1 "$address" "${knock#*:}" >/dev/null 2>&1
    else
      for_a_moment nc "$address" "${knock#*:}"
    fi
  done
}

with_knock() {
  set --
  for knock in $knocks; do set -- "$@" "${knock#*:}:${knock%%:*}"; done
  knock -d 50 "$address" "$@"
}

with_nmap() {
  for knock in $knocks; do
    case ${knock%%:*}$address in
      udp*:*) set -- -6 -sU ;; tcp*:*) set -- -6 -sT ;;
      udp*) set -- -sU ;; *) set -- -sT ;;
    esac
    nmap -n -Pn "$@" --max-retries 0 --host-timeout 500ms -p "${knock#*:}" "$address" >/dev/null 2>&1
  done
}

if [ $# -gt 0 ]; then
  tool=$1
else
  tool=
  for candidate in python3 bash nc knock nmap; do
    has "$candidate" && { tool=$candidate; break; }
  done
fi
case $tool in
  python3) with_python ;;
  bash) with_bash ;;
  nc) with_nc ;;
  knock) with_knock ;;
  nmap) with_nmap ;;
  *)
    echo "There is nothing here to knock with: install python3, bash, nc, knock or nmap." >&2
    exit 1
    ;;
esac
echo "Knocked at $name with $tool. Packets get lost: when the door stays shut, knock again."
echo "Now: ssh -p $ssh_port $address"
