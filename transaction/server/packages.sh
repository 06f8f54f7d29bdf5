# shellcheck shell=sh
# The distribution's packages that the posture needs. Sourced by agent.sh.

packages() {
  # shellcheck disable=SC2046 # a list of package names
  installed=$(system_installed $(plan packages))
  # shellcheck disable=SC2046,SC2086
  missing=$(system_lacking $installed | lacking_here)
  for package in $(plan packages); do
    # Newlines separate the names.
    case "
$installed
" in *"
$package
"*) ;; *) missing="$missing $package" ;; esac
  done
  if [ -z "$missing" ]; then
    echo "present: $(plan packages)"
    return 0
  fi
  install_packages
  locked step packages_done
  echo "installed:$missing"
}

# lacking_here <LACKING: the packages that lack a file which this change does not write itself.
lacking_here() {
  lacking_last=
  while read -r package path; do
    if [ "$package" = "$lacking_last" ] || grep -qx "install [^ ]* $path" "$PAYLOAD/plain.files"; then continue; fi
    lacking_last=$package
    printf ' %s' "$package"
  done
}

packages_done() {
  snapshot_packaged
  sync -f "$SNAPSHOT"
}

# Every 5 s, while the step itself is there. The sleep holds no output of the step, which would go on for as long as
# somebody has it open.
install_heartbeat() {
  now
  # shellcheck disable=SC2154 # set by now
  beats_end=$((now + packages_seconds))
  while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null && now && [ "$now" -le "$beats_end" ]; do
    locked step : || return 0
  done
}

install_runs() {
  case $(systemctl show -p ActiveState --value postern-packages.service) in
    activating | active | deactivating) ;;
    *) return 1 ;;
  esac
}

# In a unit of its own: if the deployer's connection goes, it ends its work instead of leaving packages half done. While
# it runs, the host's deadline is put off for as long as the installer is given, and no longer.
install_packages() {
  log=$TXN/apt.log
  rm -f "$log"
  packages_seconds=$(plan packages_seconds)
  install_heartbeat &
  heartbeat=$!
  # Of an earlier change, whose host was rolled back meanwhile.
  while install_runs; do sleep 1; done
  # shellcheck disable=SC2086 # a list of package names
  systemd-run --quiet --collect --wait --unit=postern-packages --service-type=oneshot \
    --setenv=PACKAGES_SECONDS="$packages_seconds" -p TimeoutStartSec="$packages_seconds" -p StandardOutput="append:$log" -p StandardError="append:$log" \
    /bin/sh "$STATE/agent/$INSTALLER" "$TXN/apt.status" $missing || :
  # systemd's word does not come where apt renews systemd itself.
  until [ -s "$TXN/apt.status" ] || ! install_runs; do sleep 1; done
  kill "$heartbeat" 2>/dev/null || :
  wait "$heartbeat" 2>/dev/null || :
  status=
  [ ! -s "$TXN/apt.status" ] || IFS= read -r status <"$TXN/apt.status"
  [ -n "$status" ] ||
    fail "${INSTALLER%.sh} did not end within $packages_seconds s; its last words: $(tail -n 3 "$log" 2>/dev/null)"
  [ "$status" = 0 ] || fail "${INSTALLER%.sh} could not install$missing (exit code $status): $(grep -E '^(E|W|Err|dpkg|No match|Failed)' "$log" | tail -n 5)"
}
