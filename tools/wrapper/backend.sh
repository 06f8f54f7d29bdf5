# shellcheck shell=sh
# Which backend keeps state and secrets. Sourced by tools/pulumi.sh before every run of the engine: shell builtins only.
: "${root:?}"

# local_backend_url: sets $local_url. The engine parses it as a URL, so what means something in one is escaped.
local_backend_url() {
  local_url=file://$root/.postern/state
  case $root in
    *[%?#]*) local_url=file://$(printf %s "$root" | sed 's/%/%25/g; s/?/%3F/g; s/#/%23/g')/.postern/state ;;
  esac
}

# has_own_backend: whether the user chose one, in the places where Pulumi looks and in its order.
has_own_backend() {
  local_backend_url
  if [ -n "${PULUMI_BACKEND_URL-}" ]; then [ "$PULUMI_BACKEND_URL" != "$local_url" ] && return 0 || return 1; fi
  [ -z "${PULUMI_ACCESS_TOKEN-}" ] || return 0
  file_mentions "$root/Pulumi.yaml" 'backend:*' && return 0
  credentials=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-${HOME-}/.pulumi}}/credentials.json
  file_mentions "$credentials" '*"current":"[!"]*' || file_mentions "$credentials" '*"current": "[!"]*'
}

# file_mentions FILE PATTERN: whether a line of FILE matches the shell pattern.
file_mentions() {
  [ -f "$1" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    # shellcheck disable=SC2254 # a pattern is what is meant
    case $line in $2) return 0 ;; esac
  done <"$1"
  return 1
}

# use_local_backend: state under .postern/state, secrets under the passphrase that set-up generated.
use_local_backend() {
  PULUMI_BACKEND_URL=$local_url
  if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE-}" ]; then
    if [ ! -s "$root/.postern/passphrase" ]; then
      echo 'postern: the passphrase of the local secrets, .postern/passphrase, is missing. Run npm run setup.' >&2
      exit 1
    fi
    PULUMI_CONFIG_PASSPHRASE_FILE=$root/.postern/passphrase
    export PULUMI_CONFIG_PASSPHRASE_FILE
  fi
  export PULUMI_BACKEND_URL
}
