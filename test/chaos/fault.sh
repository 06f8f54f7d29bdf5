# shellcheck shell=sh
# What a fault does inside a lab host. Read on standard input by `sh -s VERB [ARGUMENT]`, so that no argument of a shell is taken for
# the program that is looked for.
#
#   kill WHAT        SIGKILL to one process of WHAT, as soon as there is one, for up to 5 s
#   lock SECONDS     holds the package manager's locks, as unattended upgrades do
#
# Prints what was done; nothing if there was nothing to do it to.
set -u

unit_pid() { systemctl show -p MainPID --value "$1" 2>/dev/null | grep -v '^0$'; }

find_pid() {
  case $1 in
    sshd) unit_pid ssh.service ;;
    listener) unit_pid knockd.service || unit_pid fwknop-server.service ;;
    firewall) pgrep -o -x 'ufw|ufw-init|nft|iptables-restor|ip6tables-resto|iptables|ip6tables|firewall-cmd' || unit_pid firewalld.service ;;
    packages) pgrep -n -x 'dpkg|dpkg-deb|apt-get|dpkg-preconfigu' || pgrep -n -f '\.postinst' ;;
    agent) pgrep -n -f 'agent/agent\.sh|agent/arm\.sh' ;;
  esac
}

case $1 in
  kill)
    tries=0
    while [ "$tries" -lt 100 ]; do
      pid=$(find_pid "$2" | head -n 1)
      if [ -n "$pid" ]; then
        name=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
        ! kill -9 "$pid" 2>/dev/null || { echo "killed $name"; exit 0; }
      fi
      tries=$((tries + 1))
      sleep 0.05
    done
    ;;
  lock)
    exec python3 -c '
import fcntl, sys, time
files = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock"]
held = [open(name, "w") for name in files]
for file in held:
    fcntl.lockf(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(float(sys.argv[1]))
' "$2"
    ;;
esac
