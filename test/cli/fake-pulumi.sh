#!/bin/sh
# Stands in for the engine: answers from files of the project's folder `fake`, and writes down what it was asked.
set -eu
printf '%s\n' "$*" >>fake/asked
stack=''
while [ "$#" -gt 0 ]; do
  case $1 in
    --stack) stack=$2 ;;
    ls) file=fake/stacks.json ;;
    output) file=output ;;
    config) file=config ;;
  esac
  shift
done
case $file in output | config) file=fake/$file.$stack.json ;; esac
[ -f "$file" ] || {
  echo "error: no stack named '$stack' found" >&2
  exit 6
}
cat "$file"
