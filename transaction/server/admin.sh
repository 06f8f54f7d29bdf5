# shellcheck shell=sh
# The administrator: a user with the configured keys and sudo. Sourced by agent.sh.

admin_ready() {
  user=$(plan admin_user)
  if ! id -u "$user" >/dev/null 2>&1; then
    useradd --create-home --shell /bin/bash "$user"
  fi
  never_ages "$user"
  home=$(getent passwd "$user" | cut -d: -f6)
  group=$(id -gn "$user")
  [ ! -L "$home/.ssh" ] || fail "$home/.ssh is a link; keys are only written into a folder of $user's own"
  # sshd (StrictModes) refuses keys that others could have written.
  chmod go-w "$home"
  install -d -m 700 -o "$user" -g "$group" "$home/.ssh"
  install_file 0600 "$PAYLOAD/files/authorized_keys" "$home/.ssh/authorized_keys"
  chown "$user:$group" "$home/.ssh/authorized_keys"
  system_home "$home/.ssh"
  # That of sudo-rs says that all is well in spite of -q, and stdout is for answers.
  visudo -q -c -f "$PAYLOAD/files/sudoers" >/dev/null || fail 'visudo refuses the sudoers file'
  install_file 0440 "$PAYLOAD/files/sudoers" /etc/sudoers.d/postern
}
