#!/bin/sh
# Builds the base image of one Debian release, aside, and renames it into place when it is whole.
# Two builds at once: the second waits and then finds the first one's image. A killed build leaves only a folder
# that the next one removes: mounts and processes end with the namespaces they live in.
# Prints progress, a line a step. All output of the tools goes to FOLDER/RELEASE.log.
# Usage: build.sh RELEASE FOLDER NAME      → FOLDER/NAME/
# Exit: 0 built or already there; 1 failed (the log says why)
set -eu
release=$1 folder=$2 name=$3
here=$(cd "$(dirname "$0")" && pwd)
log=$folder/$release.log

umask 022
mkdir -p "$folder"
exec 9>"$folder/$release.lock"
flock -n 9 || {
  echo "waiting for another build of $release"
  flock 9
}
[ ! -d "$folder/$name" ] || exit 0

# Hosts of the new image will want host keys, and RSA keys take a while to make.
nice -n 19 "$here/../host/spare-keys.sh" "$folder/../spare-keys" 12 </dev/null >/dev/null 2>&1 9>&- &

rm -rf --one-file-system "$folder/.building-$release"
mkdir "$folder/.building-$release"
packages=$(sed 's/#.*//' "$here/installed.txt" | tr -s '\n ' ',,' | sed 's/^,//; s/,$//')
sources=$("$here/mirror.sh" "$release")

echo "building the $release image"
# shellcheck disable=SC2016 # the hook's own shell expands its variables
{
  printf '%s\n' "$sources" |
    POSTERN_CUSTOMIZE=$here/customize.sh unshare --mount --pid --fork --kill-child --mount-proc \
      mmdebstrap --mode=root --variant=minbase --include="$packages" \
      --customize-hook='"$POSTERN_CUSTOMIZE" "$1"' \
      "$release" "$folder/.building-$release/root" ${sources:+-} 9>&- && status=0 || status=$?
  echo "$status" >"$folder/.building-$release/status"
} 2>&1 | tee "$log" | sed -u -n 's/^I: \(\(downloading\|extracting\|installing\|configuring\) .*[^.]\)\.*$/\1/p'

if [ "$(cat "$folder/.building-$release/status")" != 0 ]; then
  rm -rf --one-file-system "$folder/.building-$release"
  exit 1
fi
rm "$folder/.building-$release/status"
# Without this a power cut of this machine could leave an image with empty files under its final name.
sync -f "$folder"
mv -T "$folder/.building-$release" "$folder/$name"
