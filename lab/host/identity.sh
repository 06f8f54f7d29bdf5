# shellcheck shell=sh
# What makes a host this host and no other: names, machine-id, SSH host keys, root's keys and password.
# Laid over the image as files before the first boot, and again after a reset.

: "${home:?}" "${here:?}"

# RSA keys take half a second and more, so some are made ahead, when the machine has nothing better to do.
spare_keys=12

# Makes the tree $1 for a host named $2 over the image root $3. Reads root's password and authorized keys on stdin.
make_identity() {
  mkdir -p "$1/etc/ssh" "$1/root/.ssh"
  chmod 700 "$1/root" "$1/root/.ssh"
  IFS= read -r password || :
  (umask 077 && cat >"$1/root/.ssh/authorized_keys")
  cp -a "$3/etc/shadow" "$1/etc/shadow"
  if [ -n "$password" ]; then
    hash=$(printf '%s\n' "$password" | chroot "$3" openssl passwd -6 -stdin)
    sed -i "s|^root:[^:]*:|root:$hash:|" "$1/etc/shadow"
  fi
  echo "$2" >"$1/etc/hostname"
  {
    echo "127.0.0.1 localhost"
    echo "127.0.1.1 $2"
    echo "::1 localhost ip6-localhost ip6-loopback"
  } >"$1/etc/hosts"
  tr -d - </proc/sys/kernel/random/uuid >"$1/etc/machine-id"
  for type in ed25519 ecdsa; do
    ssh-keygen -q -t "$type" -N '' -C "root@$2" -f "$1/etc/ssh/ssh_host_${type}_key"
  done
  take_rsa_key "$1/etc/ssh/ssh_host_rsa_key"
  sed -i "s/ [^ ]*$/ root@$2/" "$1/etc/ssh/ssh_host_rsa_key.pub"
}

# Puts a fresh RSA key at $1, .pub beside it.
take_rsa_key() {
  for spare in "$home"/spare-keys/*.pub; do
    # Whoever renames the public half owns the key.
    if mv "$spare" "$1.pub" 2>/dev/null; then
      mv "${spare%.pub}" "$1"
      break
    fi
  done
  [ -e "$1" ] || ssh-keygen -q -t rsa -b 3072 -N '' -f "$1"
  setsid -f env -i PATH="$PATH" nice -n 19 sh "$here/spare-keys.sh" "$home/spare-keys" "$spare_keys" \
    </dev/null >/dev/null 2>&1 9>&-
}
