# shellcheck shell=sh
# Of a knock engine that is a daemon with a packet socket of its own. Every engine has, for the guard (host/guard.sh):
#
#   KNOCK_DAEMON        its unit; nothing where it has none
#   knock_listens PID   that process does listen
#   package_fits NAME FILE   the door works with that version of the package as well; otherwise $unfit says why not

# knock_listens PID: one of its sockets is among the packet sockets that receive.
knock_listens() {
  # Who may not look, as in a container without CAP_SYS_PTRACE, does not know.
  ls "/proc/$1/fd" >/dev/null 2>&1 || return 0
  knock_sockets=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l ' 2>/dev/null)
  while read -r _ _ _ _ _ packet_receives _ _ packet_inode; do
    [ "$packet_receives" = 1 ] || continue
    case $knock_sockets in *"socket:[$packet_inode]"*) return 0 ;; esac
  done </proc/net/packet
  return 1
}

# fwknop.sh knows better.
package_fits() { :; }
