# shellcheck shell=sh
# version_at_least HAVE WANT: numeric comparison of dotted versions, "v" in front or a suffix (-dev, rc1) allowed.
version_at_least() {
  version_have=${1#v} version_want=${2#v}
  version_have=${version_have%%[!0-9.]*}
  while [ -n "$version_want" ]; do
    version_a=${version_have%%.*} version_b=${version_want%%.*}
    [ "${version_a:-0}" -gt "${version_b:-0}" ] && return 0
    [ "${version_a:-0}" -lt "${version_b:-0}" ] && return 1
    case $version_have in *.*) version_have=${version_have#*.} ;; *) version_have='' ;; esac
    case $version_want in *.*) version_want=${version_want#*.} ;; *) version_want='' ;; esac
  done
  return 0
}
