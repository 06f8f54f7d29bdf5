# shellcheck shell=sh
# Where systemd listens for sshd, for facts.sh, which is sent behind this.

# sshd_socket PORTS: systemd listens there for sshd, whatever sshd's own files say. A process that has the socket besides
# systemd and sshd's daemon is a session that kept it: nobody else could bind the port. Looked at twice, because a child
# that was just born has it for a moment.
sshd_socket() {
  for socket_port in $1; do
    one sshd_socket_port "$socket_port"
    holders=$(socket_holders "$socket_port")
    [ -n "$holders" ] || continue
    sleep 1
    again=$(socket_holders "$socket_port")
    for holder in $holders; do case " $again " in *" $holder "*) one sshd_holder "$holder" ;; esac done
  done
}

socket_holders() {
  # shellcheck disable=SC2154 # facts.sh has it from systemd
  ss -Hltnp "sport = :$1" | grep -o '"[^"]*",pid=[0-9]*' | sort -u | while IFS= read -r holder; do
    case ${holder##*=} in 1 | "${sshd_main:-1}") ;; *) printf '%s ' "${holder##*=}" ;; esac
  done
}
