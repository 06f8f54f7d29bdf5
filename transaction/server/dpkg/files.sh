# shellcheck shell=sh
# Which files are dpkg's. Sourced by system/debian.sh and apt.sh.

DPKG_INFO=/var/lib/dpkg/info

# PACKAGE PATH TEMPLATE: what the scripts of packages make of their templates, of which dpkg itself knows nothing.
dpkg_made() {
  for made in ufw.conf before.init after.init; do echo "ufw /etc/ufw/$made /usr/share/ufw/$made"; done
  for made in user user6 before before6 after after6; do echo "ufw /etc/ufw/$made.rules /usr/share/ufw/iptables/$made.rules"; done
}

# dpkg_owned LIST: prints those paths of the file LIST that belong to packages which are there, whole or half.
dpkg_owned() {
  [ -d "$DPKG_INFO" ] || return 0
  {
    cat "$DPKG_INFO"/*.list "$DPKG_INFO"/*.conffiles
    sed 's/^[^[:space:]]*[[:space:]]*//' /var/lib/ucf/registry
    dpkg_made | while read -r package path _; do [ ! -e "$DPKG_INFO/$package.list" ] || printf '%s\n' "$path"; done
  } 2>/dev/null | grep -Fx -f "$1" || :
}

# dpkg_lacking PACKAGE…: a line `PACKAGE PATH` for each file that these packages brought or made and that is gone: nothing
# brings it again by itself. What no daemon reads is the owner's to delete.
dpkg_lacking() {
  for package in "$@"; do
    [ ! -f "$DPKG_INFO/$package.conffiles" ] || while read -r path _; do
      case $path in /etc/init.d/* | /etc/logrotate.d/* | /etc/rsyslog.d/* | /etc/logcheck/* | */applications.d/*) continue ;; /*) ;; *) continue ;; esac
      [ -e "$path" ] || [ -L "$path" ] || printf '%s %s\n' "$package" "$path"
    done <"$DPKG_INFO/$package.conffiles"
  done
  case " $* " in *' ufw '*) ;; *) return 0 ;; esac
  dpkg_made | while read -r package path template; do
    [ -e "$path" ] || [ ! -e "$template" ] || printf '%s %s\n' "$package" "$path"
  done
}

# dpkg_template PATH: as the package made it, where what it was made of is on the disk.
dpkg_template() {
  template=$(dpkg_made | sed -n "s#^[^ ]* $1 ##p")
  if [ ! -f "$template" ] || cmp -s "$template" "$1"; then return 0; fi
  case $1 in */ufw.conf) made=0644 ;; *) made=0640 ;; esac
  install -D -m "$made" "$template" "$1.postern-new" && mv -f "$1.postern-new" "$1"
}
