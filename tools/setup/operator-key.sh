# shellcheck shell=sh
# The key that the stacks as shipped log in with: made once, so that a first `up` needs no key of the operator's own.
: "${root:?}"

setup_operator_key() {
  [ ! -s "$root/.postern/id_ed25519.pub" ] || return 0
  command -v ssh-keygen >/dev/null || die 'ssh-keygen is missing' 'Install the OpenSSH client (Debian: openssh-client).'
  rm -f "$root/.postern/id_ed25519"
  ssh-keygen -q -t ed25519 -N '' -C "postern@$(uname -n)" -f "$root/.postern/id_ed25519" </dev/null
}
