#!/bin/sh
# ssh-audit.sh FOLDER: ssh-audit in a Python environment at FOLDER. Cached: does nothing while ssh-audit.txt is what was
# installed. Two at once: the second waits.
set -eu
folder=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock 9
# The marker is written last, so that a killed installation counts for nothing.
cmp -s "$here/ssh-audit.txt" "$folder/installed" && exit 0
rm -rf "$folder"
python3 -m venv "$folder" 9>&-
"$folder/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --requirement "$here/ssh-audit.txt" 9>&-
cp "$here/ssh-audit.txt" "$folder/installed"
