# shellcheck shell=sh
# fwknopd. Installed behind daemon.sh.

# shellcheck disable=SC2034 # read by host/guard.sh
KNOCK_DAEMON=fwknop-server.service
