#!/bin/sh
# Stands in for the engine: answers from files of the project's folder `fake`, and writes down what it was asked.
set -eu
printf '%s\n' "$*" >>fake/asked
stack=''
while [ "$#" -gt 0 ]; do
  case $1 in
    --stack) stack=$2 ;;
    ls) file=fake/stacks.json ;;
    export) file=output ;;
    config) file=config ;;
  esac
  shift
done
case $file in output | config) file=fake/$file.$stack.json ;; esac
[ -f "$file" ] || {
  echo "error: no stack named '$stack' found" >&2
  exit 6
}
case $file in
  fake/output.*)
    printf '{"deployment":{"resources":[{"type":"pulumi:pulumi:Stack","outputs":'
    cat "$file"
    printf '}]}}'
    ;;
  *) cat "$file" ;;
esac
[ ! -f fake/failing ] || {
  echo 'error: incorrect passphrase' >&2
  exit 255
}
