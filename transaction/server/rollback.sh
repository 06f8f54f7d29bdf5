# shellcheck shell=sh
# Takes the host back to its snapshot. Sourced by agent.sh.
#
# Every step goes on after an error and may run again after a power cut: what counts is that the owner gets in. Needs
# sh, coreutils, systemctl, and iptables-restore or nft where rules were changed; no network, no free disk, no package.

ROLLBACK_TRIES=5

roll_back() {
  rollback_block=${rollback_block:-}
  ! disk_held || return 0
  rollback_errors=
  # Reachability first: the rules, before anything is written: a disk may be read-only, or keep a writer waiting.
  if saved_whole "$SNAPSHOT"; then rollback_rules || rollback_errors=' rollback_rules'; fi
  rm -f "$TXN/reserve" || :
  if [ ! -f "$SNAPSHOT/units" ]; then
    # Arming never ended, so nothing was changed; or a rollback was killed when it had thrown its snapshot away.
    rollback_programs
    put_record phase=undone || :
    return 0
  fi
  say "rolling back change $(record id): $1"
  rollback_try=$(record tries)
  case $rollback_try in '' | *[!0-9]*) rollback_try=0 ;; esac
  rollback_try=$((rollback_try + 1))
  put_record phase=undoing "reason=$1" "tries=$rollback_try" || :
  disk_cover
  # The rules once more, because ufw's unit changes them when it is stopped.
  for rollback_step in rollback_new_units rollback_files rollback_units rollback_rules rollback_doors rollback_sshd rollback_user rollback_backup rollback_verify; do
    $rollback_step || rollback_errors="$rollback_errors $rollback_step"
  done
  if [ -n "$disk_waits" ]; then
    disk_hold "${rollback_errors# }"
    return 0
  fi
  if [ -n "$rollback_errors" ] && [ "$rollback_try" -lt "$ROLLBACK_TRIES" ]; then
    put_record "errors=${rollback_errors# }" || :
    say "attempt $rollback_try of the rollback failed in:$rollback_errors; the timer tries again"
    return 0
  fi
  system_ports_back "$(plan old_ssh_port)" || :
  # Said last, because whoever reads it takes the host to be as it was. Killed just before, the next change says it.
  put_record "errors=${rollback_errors# }" || return 0
  rollback_programs
  put_record "undone_at=$(date -u +%FT%TZ)" phase=undone || :
  [ -z "$rollback_errors" ] || say "rolled back, with errors in:$rollback_errors"
}

# Units that did not exist: while their files are still there, so that no link to them stays behind.
rollback_new_units() {
  while read -r unit enabled active; do
    [ "$enabled $active" = '- inactive' ] || continue
    systemctl -q disable "$unit" 2>/dev/null || :
    # shellcheck disable=SC2086 # one option or none
    systemctl_within 20 -q ${rollback_block:+"$rollback_block"} stop "$unit" 2>/dev/null || systemctl -q stop --no-block "$unit" 2>/dev/null || :
  done <"$SNAPSHOT/units"
}

rollback_rules() { restore_rules "$SNAPSHOT"; }

# Doors that the firewall of before remembers on disk: the change emptied the kernel's list.
rollback_doors() {
  [ -f /usr/local/lib/postern/firewall ] || return 0
  (
    # shellcheck source=/dev/null
    . /etc/postern/door.conf
    # shellcheck source=host/firewall/ufw.sh
    . /usr/local/lib/postern/firewall
    ! command -v held_again >/dev/null || held_again
  ) || say 'doors that were held open before are shut; knock again'
}

rollback_files() {
  rollback_files_failed=
  # What a package has brought since stays while the package does: nobody would ever bring it again.
  rollback_owned=$(system_owned "$SNAPSHOT/absent")
  while IFS= read -r path; do
    rm -rf "$path.postern-new" "$path.postern-old" || rollback_files_failed=yes
    case "
$rollback_owned
" in
      *"
$path
"*) system_packaged "$path" || rollback_files_failed=yes ;;
      *) rm -rf "$path" || disk_bind '' "$path" || rollback_files_failed=yes ;;
    esac
  done <"$SNAPSHOT/absent"
  while IFS= read -r path; do
    saved=$SNAPSHOT/tree$path
    rm -rf "$path.postern-new" "$path.postern-old"
    if [ ! -e "$saved" ] && [ ! -L "$saved" ]; then continue; fi
    if [ -f "$saved" ] && cmp -s "$saved" "$path" && same_owner "$saved" "$path"; then continue; fi
    rollback_file "$saved" "$path" || disk_bind "$saved" "$path" || rollback_files_failed=yes
  done <"${ROLLBACK_TOUCH:-$PAYLOAD/touch}"
  rollback_folders || rollback_files_failed=yes
  [ -z "$rollback_files_failed" ]
}

# Beside the target and then renamed, so that no moment is without the file. With no room for a copy the saved file
# itself takes its place.
rollback_file() {
  mkdir -p "${2%/*}"
  if ! { cp -a "$1" "$2.postern-old" && mv -fT "$2.postern-old" "$2"; } 2>/dev/null; then
    rm -rf "$2.postern-old"
    # The original of a host is the only copy: a restore that finds no room for another fails, and is tried again.
    case $1 in "$STATE/origin/"*) return 1 ;; esac
    mv -fT "$1" "$2"
  fi
}

# Folders of the change go with their last file; those from before get back their mode and owner.
rollback_folders() {
  rollback_owned=$(system_owned "$SNAPSHOT/absent.folders")
  sort -r "$SNAPSHOT/absent.folders" | grep -Fvx -e "$rollback_owned" | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null || :; done
  while read -r mode uid gid folder; do
    [ -d "$folder" ] || continue
    [ "$(stat -L -c '%a %u %g' "$folder" 2>/dev/null)" = "$mode $uid $gid" ] && continue
    chown "$uid:$gid" "$folder" && chmod "$mode" "$folder" || return 1
  done <"$SNAPSHOT/folders"
}

same_owner() { [ "$(stat -c '%a %u %g %Y' "$1")" = "$(stat -c '%a %u %g %Y' "$2")" ]; }

rollback_units() {
  reload_systemd
  # rollback_block is --no-block while booting: waiting for a job from inside the boot would wait for ever.
  while read -r unit enabled active; do
    [ "$unit" != "$SSH_UNIT" ] || continue
    [ "$(unit_state "$unit")" != "$enabled $active" ] || continue
    case $enabled in
      enabled) systemctl -q enable "$unit" ;;
      # `static` has only a drop-in's links, which went with its file.
      disabled | static) systemctl -q disable "$unit" ;;
      masked) systemctl -q mask "$unit" ;;
    esac
    # A unit that is still running may run on the files of the change.
    case $active in
      active) systemctl -q ${rollback_block:+"$rollback_block"} restart "$unit" ;;
      *)
        systemctl -q ${rollback_block:+"$rollback_block"} stop "$unit"
        systemctl -q reset-failed "$unit" 2>/dev/null
        ;;
    esac
  done <"$SNAPSHOT/units" 2>/dev/null
  restart_daemons
}

# Active before and after, but on the configuration of the change.
restart_daemons() {
  for daemon in firewalld knockd fwknop-server; do
    grep -q "^$daemon.service [a-z]* active" "$SNAPSHOT/units" || continue
    systemctl -q ${rollback_block:+"$rollback_block"} restart "$daemon.service"
    [ "$daemon$rollback_block" != firewalld ] || await_firewalld
  done
}

# Started, it goes on to put its rules beside those that are there; it answers when it has.
await_firewalld() {
  timeout 90 busctl --timeout=80 get-property org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1 org.fedoraproject.FirewallD1 state >/dev/null 2>&1 || :
}

rollback_user() {
  if [ "$(cat "$SNAPSHOT/user")" != created ]; then
    rollback_aging
    return
  fi
  created=$(plan admin_user)
  rollback_locks
  if id -u "$created" >/dev/null 2>&1; then
    # Its sessions are ours: nobody else could log in as a user that did not exist.
    loginctl terminate-user "$created" 2>/dev/null || :
    userdel -r -f "$created" 2>/dev/null || ! id -u "$created" >/dev/null 2>&1 || return 1
  fi
  rollback_user_rest
}

# What a userdel that was killed had still to do: it writes one file after the other.
rollback_user_rest() {
  for listed in shadow group gshadow subuid subgid; do
    grep -qs "^$created:" "/etc/$listed" || continue
    cp -a "/etc/$listed" "/etc/$listed.postern-new" &&
      sed "/^$created:/d" "/etc/$listed" >"/etc/$listed.postern-new" &&
      mv -f "/etc/$listed.postern-new" "/etc/$listed" || return 1
  done
}

# What a useradd or userdel that was killed left behind: its lock, and the file that it links that to, named after its
# process. Both hold nothing but the number of the process.
rollback_locks() {
  for locked in passwd shadow group gshadow subuid subgid; do
    for lock in "/etc/$locked".[0-9]* "/etc/$locked.lock"; do
      [ -f "$lock" ] || continue
      lock_holder=
      IFS= read -r lock_holder <"$lock" || :
      case $lock_holder in '' | *[!0-9]*) continue ;; esac
      case $lock in *."$lock_holder" | *.lock) kill -0 "$lock_holder" 2>/dev/null || rm -f "$lock" ;; esac
    done
  done
}

rollback_backup() {
  unspare
  # One unit a call: since systemd 262 none of several is stopped when one of them is not loaded.
  for unit in postern-backup.service postern-candidate.service; do
    systemctl -q ${rollback_block:+"$rollback_block"} stop "$unit" 2>/dev/null || :
  done
  backup_guard_gone
  rm -rf /etc/ssh/postern-backup "$UNITS/postern-backup.service"
  reload_systemd
}

# The deployer counts again for fail2ban, where a change had it overlooked (ban-exemption.sh).
unspare() {
  [ -s "$TXN/spared" ] || return 0
  while read -r jail address; do
    timeout 10 fail2ban-client set "$jail" delignoreip "$address" >/dev/null 2>&1 || :
  done <"$TXN/spared"
  rm -f "$TXN/spared"
}

# What a change that was rolled back leaves: its secrets are worth nothing here, and on a host that Postern never sealed nothing of
# Postern stays but the record of what happened.
rollback_programs() {
  rm -rf "$PAYLOAD/files" "$TXN/nonce" "$TXN/undo-now" "$ROLLBACK_NOW".* "$TXN/candidate" "$TXN/backup_keys" "$UNITS"/postern-*.postern-new "$STATE"/*.gone
  [ -n "$(record errors)" ] || throw_away "$SNAPSHOT" || :
  disarm
  # An origin is only ever kept for a host that was committed, sealed or not.
  if [ -f "$STATE/sealed/manifest" ] || [ -d "$STATE/origin" ]; then return 0; fi
  rm -rf "$UNITS/postern-undo.service" "$UNITS/postern-undo.timer" "$UNITS/postern-undo-boot.service"
  reload_systemd
}
