# shellcheck shell=sh
# Debian. Sourced by agent.sh; every system has these:
#
#   SSH_UNIT SSH_SOCKET  units of the main sshd
#   INSTALLER            the program that installs packages: INSTALLER STATUS-FILE PACKAGE…
#   system_installed     prints those of the packages it is given that are installed
#   system_owned         prints those paths of the file LIST that belong to packages which are there, whole or half
#   system_packaged      puts such a path back as its package has it, where nothing but the disk is needed for it
#   system_lacking       a line `PACKAGE PATH` for each file of the packages it is given that is gone
#   system_port          lets sshd listen on the port it is given
#   system_ports_back    takes that back, but for the ports it is given
#   system_readable      lets sshd read the folder it is given, and the host keys in it
#   system_home          lets sshd read the .ssh folder it is given

# shellcheck disable=SC2034 # read by who sources this
SSH_UNIT=ssh.service SSH_SOCKET=ssh.socket INSTALLER=apt.sh

system_installed() {
  dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null | sed -n 's/ .* ok installed$//p'
}

. "$AGENT/dpkg/files.sh"

system_owned() { dpkg_owned "$1"; }

system_packaged() { dpkg_template "$1"; }

system_lacking() { dpkg_lacking "$@"; }

system_port() { :; }

system_ports_back() { :; }

system_readable() { :; }

system_home() { :; }
