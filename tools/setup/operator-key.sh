# shellcheck shell=sh
# The key that the stacks as shipped log in with: made once, so that a first `up` needs no key of the operator's own.
: "${root:?}"

setup_operator_key() {
  [ ! -s "$root/.postern/id_ed25519.pub" ] || return 0
  command -v ssh-keygen >/dev/null || die 'ssh-keygen is missing' 'Install the OpenSSH client (Debian: openssh-client).'
  key=$root/.postern/id_ed25519
  # The private half may be the only way into hosts that are sealed already; the other one is made from it.
  if [ -s "$key" ]; then
    ssh-keygen -y -P '' -f "$key" </dev/null >"$key.pub.new" ||
      die "$key cannot be read" 'Put the key back from where you keep copies; without it, sealed hosts cannot be entered.'
    mv "$key.pub.new" "$key.pub"
    return 0
  fi
  rm -f "$key"
  ssh-keygen -q -t ed25519 -N '' -C "postern@$(uname -n)" -f "$key" </dev/null
}
