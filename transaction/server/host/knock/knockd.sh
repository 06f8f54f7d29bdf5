# shellcheck shell=sh
# knockd. Installed behind daemon.sh.

# shellcheck disable=SC2034 # read by host/guard.sh
KNOCK_DAEMON=knockd.service
