#!/bin/sh
# Stands in for the Pulumi engine in tests: notes how it was started, and does to a stack's files what the real one does.
case "${1-}" in
  version) echo "${FAKE_VERSION:-v3.250.0}"; exit 0 ;;
esac
for word; do printf '[%s]' "$word"; done >>"$ENGINE_LOG"
printf '\n' >>"$ENGINE_LOG"
env >"$ENGINE_ENV"

# stack init … --stack NAME: a state, and the salt in the configuration of the project it runs in.
if [ "${1-}" = stack ] && [ "${2-}" = init ]; then
  for name; do :; done
  printf 'encryptionsalt: v1:salt-of-%s\n' "$name" >>"Pulumi.$name.yaml"
  mkdir -p "${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/postern"
  echo '{}' >"${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/postern/$name.json"
fi
# up without a salt to be found writes one into the committed file.
if [ "${1-}" = up ] && [ -z "${PULUMI_OPTION_CONFIG_FILE-}" ] && [ -d stacks ]; then
  for file in stacks/*.yaml; do echo 'encryptionsalt: v1:dirty' >>"$file"; done
fi
[ "${1-} ${2-}" != 'stack export' ] || printf '%s\n' "${FAKE_EXPORT-}"
# A full disk: the states that it writes are empty.
if [ "${1-}" = up ] && [ -n "${FAKE_FULL_DISK-}" ]; then
  for state in "${PULUMI_BACKEND_URL#file://}"/.pulumi/stacks/postern/*.json; do : >"$state"; done
fi
exit "${FAKE_CODE:-0}"
