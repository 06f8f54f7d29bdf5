#!/bin/sh
# What sshd is told, by its files and by the command line that its unit gives it. Read before facts.sh and sshd-logins.sh,
# in the same shell; prints key=value lines as they do. Writes nothing.
#
#   sshd_line=FILE:NUMBER:TEXT   every line that counts in all its files
#   sshd_exec=COMMAND            of its unit, with variables as they are written there; sshd_env=NAME=VALUE, their values
#   sshd_running=COMMAND         of the daemon that is running
#   sshd_other=PORT UNIT         another sshd listens there

# sshd_lines PATTERN…: every line that counts in these files, and wherever their Include leads. `sshd -T` answers for one
# login only and says nothing of Match blocks.
sshd_lines() {
  sshd_files=
  # shellcheck disable=SC2048 # patterns
  for sshd_file in $*; do
    case $sshd_seen in *":$sshd_file:"*) continue ;; esac
    sshd_seen=$sshd_seen$sshd_file:
    [ ! -f "$sshd_file" ] || sshd_files="$sshd_files $sshd_file"
  done
  [ -n "$sshd_files" ] || return 0
  # shellcheck disable=SC2086 # files
  sshd_found=$(grep -HnEv '^[[:space:]]*(#|$)' $sshd_files)
  sshd_more=
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    printf 'sshd_line=%s\n' "$line"
    line=${line#*:*:}
    case $line in
      [Ii][Nn][Cc][Ll][Uu][Dd][Ee][!A-Za-z]* | *[!A-Za-z][Ii][Nn][Cc][Ll][Uu][Dd][Ee][!A-Za-z]*)
        sshd_more="$sshd_more $(printf '%s\n' "${line#*[Ii][Nn][Cc][Ll][Uu][Dd][Ee]}" | tr -s '="\t' ' ' | sed 's# \([^/ ]\)# /etc/ssh/\1#g')"
        ;;
    esac
  done <<END
$sshd_found
END
  # shellcheck disable=SC2086 # patterns
  sshd_lines $sshd_more
}
sshd_seen=:
sshd_lines /etc/ssh/sshd_config

# sshd_title PID: sets $sshd_title to the command line that a daemon runs with, as it shows it:
# `sshd: /usr/sbin/sshd -D [listener] 0 of 10-30 startups`.
sshd_title() {
  sshd_title=$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null) || sshd_title=
  sshd_title=${sshd_title#sshd: }
  sshd_title=${sshd_title%% \[listener\]*}
}

sshd_pid=
for sshd_unit in ssh.service sshd.service; do
  sshd_shown=$(systemctl show -p LoadState,MainPID,ExecStart,Environment,EnvironmentFiles "$sshd_unit" 2>/dev/null)
  case $sshd_shown in *LoadState=loaded*) ;; *) continue ;; esac
  while IFS= read -r line; do
    case $line in
      MainPID=*) sshd_pid=${line#*=} ;;
      ExecStart=*'argv[]='*)
        line=${line#*'argv[]='}
        printf 'sshd_exec=%s\n' "${line%% ; ignore_errors=*}"
        ;;
      Environment=*) for line in ${line#*=}; do printf 'sshd_env=%s\n' "$line"; done ;;
      EnvironmentFiles=*)
        line=${line#*=}
        line=${line%% (*}
        [ ! -r "$line" ] || sed -n "s/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*\)=[\"']\{0,1\}\([^\"']*\).*/sshd_env=\1=\2/p" "$line"
        ;;
    esac
  done <<END
$sshd_shown
END
  break
done
case $sshd_pid in
  '' | 0) ;;
  *)
    sshd_title "$sshd_pid"
    # shellcheck disable=SC2034 # for sshd-logins.sh
    sshd_title_main=$sshd_title
    printf 'sshd_running=%s\n' "$sshd_title"
    ;;
esac
ss -Hltnp 2>/dev/null | sed -n 's/^[^ ]* *[^ ]* *[^ ]* *[^ ]*:\([0-9]*\) .*("sshd",pid=\([0-9]*\),.*/\1 \2/p' | sort -u | while read -r sshd_port sshd_other; do
  [ "$sshd_other" != "$sshd_pid" ] || continue
  sshd_title "$sshd_other"
  # A daemon, not a session that forwards a port, and none of Postern's own, of a change.
  case $sshd_title in */postern-backup/* | */postern/change/*) continue ;; /*) ;; *) continue ;; esac
  sshd_unit=$(sed -n '/\.service/{s#.*/\([^/]*\.service\).*#\1#p;q;}' "/proc/$sshd_other/cgroup" 2>/dev/null)
  printf 'sshd_other=%s %s\n' "$sshd_port" "${sshd_unit:-process $sshd_other}"
done
