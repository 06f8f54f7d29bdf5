# shellcheck shell=sh
# lab_obstacle: prints why this machine cannot host lab VPSs, or nothing where it can.
lab_obstacle() {
  if [ "$(uname -s)" != Linux ]; then
    echo "this is $(uname -s), not Linux"
  elif [ "$(id -u)" -ne 0 ]; then
    echo 'not running as root'
  elif ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    echo 'this is not Debian or a derivative (no apt-get)'
  fi
}

# lab_advice OBSTACLE: what lab VPSs need, and what works without them; one sentence a line.
lab_advice() {
  echo "Lab VPSs need Linux (Debian) and root: $1."
  echo 'Without them the targets "existing" and "digitalocean" work, and so do the unit tests (npm run test:unit).'
}
