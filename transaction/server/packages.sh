# shellcheck shell=sh
# The distribution's packages that the posture needs. Sourced by agent.sh.

packages() {
  # shellcheck disable=SC2046 # a list of package names
  installed=$(system_installed $(plan packages))
  missing=
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
  # A daemon must not run on its packaged example configuration: knockd's opens the door for 7000,8000,9000; firewalld's
  # shuts every port but 22, the backup door's among them. One that is there already goes on.
  for daemon in knockd firewalld; do
    case " $missing " in *" $daemon "*) systemctl -q mask --runtime --no-reload "$daemon.service" 2>/dev/null || : ;; esac
  done
  install_packages
  locked step packages_done
  echo "installed:$missing"
}

packages_done() {
  systemctl -q unmask --runtime knockd.service firewalld.service 2>/dev/null || :
  # Its package enables it: after an undo it would start with the next boot.
  case " $missing " in *' firewalld '*) systemctl -q disable firewalld.service 2>/dev/null || : ;; esac
  snapshot_packaged
  sync -f "$SNAPSHOT"
}

# In a unit of its own: if the deployer's connection goes, it ends its work instead of leaving packages half done. While
# it runs, the host's deadline is put off for as long as the installer is given, and no longer.
install_packages() {
  log=$TXN/apt.log
  packages_seconds=$(plan packages_seconds)
  # shellcheck disable=SC2086 # a list of package names
  systemd-run --quiet --collect --unit=postern-packages --service-type=oneshot --no-block \
    -p RuntimeMaxSec="$packages_seconds" -p StandardOutput="file:$log" -p StandardError="append:$log" \
    /bin/sh "$STATE/agent/$INSTALLER" "$TXN/apt.status" $missing
  waited=0
  until [ -s "$TXN/apt.status" ]; do
    sleep 0.1
    waited=$((waited + 1))
    if [ $((waited % 50)) -eq 0 ]; then
      locked step :
      say "${INSTALLER%.sh}: $(tail -n 1 "$log" 2>/dev/null | cut -c1-120)"
    fi
    [ "$waited" -lt $((packages_seconds * 10)) ] ||
      fail "${INSTALLER%.sh} did not end within $packages_seconds s; its last words: $(tail -n 3 "$log")"
  done
  status=$(cat "$TXN/apt.status")
  [ "$status" = 0 ] || fail "${INSTALLER%.sh} could not install$missing (exit code $status): $(grep -E '^(E|W|Err|dpkg|No match|Failed)' "$log" | tail -n 5)"
}
