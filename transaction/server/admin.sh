# shellcheck shell=sh
# The administrator: a user with the configured keys and sudo. Sourced by agent.sh.

# made_open USER: an earlier Postern made this user, and left its home as Debian's useradd does, for everybody to read. Whom
# the host had before has the home as its owner wants it, and so has who was asked once (PRIVATE_HOME, written at the seal).
made_open() {
  [ ! -e "$PRIVATE_HOME" ] && [ "$(get "$STATE/origin/plan" admin_user)" = "$1" ] &&
    [ "$(cat "$STATE/origin/snapshot/user" 2>/dev/null)" = created ]
}

admin_ready() {
  user=$(plan admin_user)
  made=
  if ! id -u "$user" >/dev/null 2>&1; then
    useradd --create-home --shell /bin/bash "$user"
    made=yes
  fi
  never_ages "$user"
  home=$(getent passwd "$user" | cut -d: -f6)
  ! { [ -n "$made" ] || made_open "$user"; } || chmod 0700 "$home"
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
