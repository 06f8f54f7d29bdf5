#!/bin/sh
# install.sh FOLDER: pyinfra and ansible-core in a Python environment at FOLDER/venv, and the Ansible collections that the
# play uses at FOLDER/collections, all from PyPI. Cached: does nothing while requirements.txt is what was installed.
set -eu
folder=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
collections_package=ansible==12.3.0

# The installed marker is written last, so that a killed installation counts for nothing.
cmp -s "$here/requirements.txt" "$folder/installed" && exit 0
rm -rf "$folder"
mkdir -p "$folder/wheels"
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input "$@"; }
pip install --requirement "$here/requirements.txt"

# All of that package's collections are 500 MB on disk; the play needs two.
pip download --no-deps --only-binary :all: --dest "$folder/wheels" "$collections_package"
"$folder/venv/bin/python" "$here/unpack.py" "$folder"/wheels/ansible-*.whl "$folder/collections" \
  community/general ansible/posix
rm -r "$folder/wheels"
cp "$here/requirements.txt" "$folder/installed"
