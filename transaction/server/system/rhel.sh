# shellcheck shell=sh
# RHEL 9 and 10 and their family. Sourced by agent.sh; debian.sh says what every system has.
#
# SELinux lets sshd listen only on ports that are labelled for it. $STATE/ports holds those that Postern labelled, with
# the label that the owner had given them before, or `-`.

# shellcheck disable=SC2034 # read by who sources this
SSH_UNIT=sshd.service SSH_SOCKET=sshd.socket INSTALLER=dnf.sh

system_installed() { rpm -q --qf '%{NAME}\n' "$@" 2>/dev/null | grep -v ' ' || :; }

# rpm keeps no file from being missed: what is gone comes back by no update.
system_owned() {
  while IFS= read -r path; do
    ! rpm -qf "$path" >/dev/null 2>&1 || printf '%s\n' "$path"
  done <"$1"
}

system_packaged() { :; }

system_lacking() { :; }

# Also where it only warns: an owner who has it enforce later would have no sshd after the next boot.
selinux_on() {
  case $(getenforce 2>/dev/null || :) in Enforcing | Permissive) ;; *) return 1 ;; esac
}

system_port() {
  selinux_on || return 0
  case " $(ports_of ssh_port_t) " in *" $1 "*) return 0 ;; esac
  printf '%s %s\n' "$1" "$(own_label "$1")" >>"$STATE/ports"
  semanage port -a -t ssh_port_t -p tcp "$1" 2>/dev/null ||
    semanage port -m -t ssh_port_t -p tcp "$1" ||
    fail "SELinux does not let sshd listen on port $1, and semanage could not change that"
}

system_ports_back() {
  [ -f "$STATE/ports" ] || return 0
  while read -r port label; do
    case " $* " in *" $port "*) printf '%s %s\n' "$port" "$label"; continue ;; esac
    # What could not be taken back is tried again at the next occasion.
    unlabel "$port" "$label" >&2 || printf '%s %s\n' "$port" "$label"
  done <"$STATE/ports" >"$STATE/ports.next"
  mv -f "$STATE/ports.next" "$STATE/ports"
  [ -s "$STATE/ports" ] || rm -f "$STATE/ports"
}

unlabel() {
  case $2 in
    -) semanage port -d -p tcp "$1" ;;
    *) semanage port -m -t "$2" -p tcp "$1" ;;
  esac
}

# ports_of TYPE: single TCP ports with this label, in one line.
ports_of() {
  semanage port -l | awk -v type="$1" '$1 == type && $2 == "tcp" { for (i = 3; i <= NF; i++) { sub(",", "", $i); printf "%s ", $i } }'
}

# own_label PORT: the label that the owner gave it; `-` where it has none or the policy's own.
own_label() {
  semanage port -l -C -n | awk -v port="$1" '
    $2 == "tcp" { for (i = 3; i <= NF; i++) { sub(",", "", $i); if ($i == port) label = $1 } }
    END { print label == "" ? "-" : label }'
}

system_readable() {
  selinux_on || return 0
  chcon -R -t etc_t "$1"
  for readable_key in "$1"/ssh_host_*_key; do
    [ ! -f "$readable_key" ] || chcon -t sshd_key_t "$readable_key"
  done
}

system_home() {
  selinux_on || return 0
  restorecon -R "$1"
}
