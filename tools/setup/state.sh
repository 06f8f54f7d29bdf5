# shellcheck shell=sh
# Where state and secrets live for a user without a backend of their own: .postern/state, under a passphrase of its own.
: "${root:?}"

setup_state() {
  (umask 077 && mkdir -p "$root/.postern/state" "$root/.postern/stacks")
  # Also what an earlier set-up left to everybody.
  chmod -R go= "$root/.postern/state" "$root/.postern/stacks"
  [ ! -s "$root/.postern/passphrase" ] || return 0
  if [ -d "$root/.postern/state/.pulumi/stacks" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE-}" ]; then
    die '.postern/state holds stacks, but the passphrase of their secrets, .postern/passphrase, is gone' \
      'Put the file back, or set PULUMI_CONFIG_PASSPHRASE; to start anew, move .postern/state away.'
  fi
  # Made aside, then linked: a link fails where the name exists, so no second set-up can replace a passphrase in use.
  state_new=$root/.postern/passphrase.$$
  (umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$state_new")
  ln "$state_new" "$root/.postern/passphrase" 2>/dev/null || :
  rm -f "$state_new"
}
