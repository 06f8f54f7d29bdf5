#!/bin/sh
# Runs shellcheck over the shell files of the working tree: *.sh, and what says so in its first line.
set -eu
cd "$(dirname -- "$0")/.."
list=$(mktemp)
trap 'rm -f "$list"' EXIT
git ls-files --cached --others --exclude-standard | sort -u | while IFS= read -r file; do
  [ -f "$file" ] || continue
  case $file in
    *.sh) ;;
    *.*) continue ;;
    *) case $(head -n 1 -- "$file" | tr -d '\0') in '#!/bin/sh'* | '#!/bin/bash'*) ;; *) continue ;; esac ;;
  esac
  printf '%s\0' "$file"
done >"$list"
[ -s "$list" ] || exit 0
xargs -0 -n 16 -P "$(nproc)" shellcheck <"$list"
