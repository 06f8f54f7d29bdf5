#!/bin/sh
# Outlives the process that opened a workspace, however that one ends: when standard input closes, ends the processes
# last announced there and removes the directory given as $1.
#
# Standard input: lines, each the complete list of process ids that are alive, separated by spaces.
pids=
while IFS= read -r line; do
  pids=$line
done
# The ids are numbers written by our own parent; they have to be split into words.
# shellcheck disable=SC2086
[ -z "$pids" ] || kill $pids 2>/dev/null
exec rm -rf -- "$1"
