# shellcheck shell=sh
# What a power cut, a reboot or a kill left of dpkg's work is finished before anything else is installed, and files of
# packages that are gone come back: apt does neither. Sourced by apt.sh.
# shellcheck disable=SC2154 # apt_safely, end: of apt.sh

# dpkg_unfinished: a line `PACKAGE STATE` for each package that is neither whole nor gone. Whatever the state of one that dpkg
# says has to be installed again, as after a disk that was full while it was unpacked, it is `reinstreq`.
dpkg_unfinished() {
  dpkg-query -W -f '${Status} ${binary:Package}\n' 2>/dev/null | while read -r _ error state package; do
    case $error:$state in
      ok:installed | ok:config-files | ok:not-installed) ;;
      ok:*) echo "$package $state" ;;
      *) echo "$package reinstreq" ;;
    esac
  done
}

dpkg_interrupted() {
  for update in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$update" ] || return 0; done
  [ -n "$(dpkg_unfinished)" ]
}

# Whatever an earlier change wanted.
DPKG_QUIET=' ufw firewalld nftables iptables-persistent netfilter-persistent knockd fwknop-server '

# dpkg_finish: a host's own daemons start as their packages have it. Those of a posture must not (apt.sh), so they come
# last.
dpkg_finish() {
  dpkg_interrupted || return 0
  dpkg_begun=$(dpkg_unfinished | sort | tr '\n' ',')
  echo "dpkg was interrupted: ${dpkg_begun:-its journal is not empty}"
  # shellcheck disable=SC2046 # a list of package names
  set -- $(dpkg_unfinished | while read -r package state; do
    case "$DPKG_QUIET$state" in *" ${package%%:*} "* | *' half-installed' | *' reinstreq') ;; *) echo "$package" ;; esac
  done)
  [ "$#" -eq 0 ] || dpkg_configure "$@" || :
  SYSTEMD_OFFLINE=1 dpkg_configure -a || :
  # What was cut short while it was unpacked has to be unpacked again.
  # shellcheck disable=SC2046,SC2086
  set -- $(dpkg_unfinished | sed -n 's/ half-installed$//p; s/ reinstreq$//p')
  # shellcheck disable=SC2086
  [ "$#" -eq 0 ] || apt_get $apt_safely install --reinstall "$@"
  # shellcheck disable=SC2086
  [ -z "$(dpkg_unfinished)" ] || apt_get $apt_safely --fix-broken install
  # As apt.sh does with one that it installed.
  case ,$dpkg_begun in *,'firewalld '*) systemctl -q is-active firewalld.service || SYSTEMCTL_SKIP_SYSV=1 systemctl -q disable firewalld.service 2>/dev/null || : ;; esac
  dpkg_left=$(dpkg_unfinished | sort | tr '\n' ',')
  [ -n "$dpkg_left" ] || { echo 'dpkg is whole again'; return 0; }
  echo "E: dpkg was interrupted on this host before this change and cannot be finished: ${dpkg_left%,}; run \`dpkg --configure -a\` and \`apt-get --fix-broken install\` there and settle what they say"
  return 1
}

# dpkg_configure ARGUMENT…: once nobody else is at work.
dpkg_configure() {
  while :; do
    dpkg_said=$(dpkg --force-confdef --force-confold --configure "$@" </dev/null 2>&1) && dpkg_code=0 || dpkg_code=$?
    case $dpkg_said in *'lock'*'another process'*) ;; *) break ;; esac
    read -r now _ </proc/uptime
    [ "${now%%.*}" -lt "$end" ] || break
    sleep 2
  done
  printf '%s\n' "$dpkg_said"
  return "$dpkg_code"
}

# dpkg_refill PACKAGE…: from what they are made of, or else out of the package, which is installed over itself.
dpkg_refill() {
  dpkg_lacking "$@" | while read -r _ path; do dpkg_template "$path"; done
  # shellcheck disable=SC2046
  set -- $(dpkg_lacking "$@" | cut -d' ' -f1 | sort -u)
  [ "$#" -gt 0 ] || return 0
  export UCF_FORCE_CONFFMISS=1
  # shellcheck disable=SC2086
  apt_get $apt_safely -o Dpkg::Options::=--force-confmiss install --reinstall "$@"
  dpkg_still=$(dpkg_lacking "$@" | cut -d' ' -f2 | tr '\n' ' ')
  [ -n "$dpkg_still" ] || return 0
  echo "E: these files of $* are gone and do not come back: $dpkg_still; on the host, run \`apt-get -o Dpkg::Options::=--force-confmiss install --reinstall $*\`"
  return 1
}
