#!/bin/sh
# dnf.sh STATUS-FILE PACKAGE…: installs, removing nothing; writes dnf's exit code.
set -u
# shellcheck source=host/systemd.sh
. "${0%/*}/host/systemd.sh"
status_file=$1
shift
export LC_ALL=C
rm -f "$status_file"
code=0
# The repository that others come from is in this one.
case " $* " in *' epel-release '*) dnf -q -y install epel-release || code=$? ;; esac
[ "$code" -ne 0 ] || dnf -q -y --setopt=install_weak_deps=False install "$@" || code=$?
# Its package enables it, as Debian's does (apt.sh).
case " $* " in *' firewalld '*) systemctl -q disable firewalld.service 2>/dev/null || : ;; esac
printf '%s\n' "$code" >"$status_file.next"
mv "$status_file.next" "$status_file"
