# shellcheck shell=sh
# Files of a change on the host: beside their old ones first, readable by whom they are for, on the disk before a commit.
# Sourced with lib.sh.

# install_file MODE SOURCE TARGET: whoever reads it meanwhile, and a full disk, finds the old file or the new one. After
# a power cut the rollback puts back the old one whatever is there; keep_files writes all of them to the disk.
install_file() {
  install_folder "${3%/*}"
  # Never through a link that lies in wait there: install removes it first.
  install -o root -g root -m "$1" "$2" "$3.postern-new"
  mv -f "$3.postern-new" "$3"
}

# install_folder FOLDER: like systemd's and sshd's own, for everybody to read, but for those that hold secrets. An earlier
# Postern made all of its own for root alone.
install_folder() {
  [ -d "$1" ] || case $1 in
    /etc/postern | "$STATE"/*) mkdir -p "$1" ;;
    *) (umask 022 && mkdir -p "$1") ;;
  esac
  case $1 in "$UNITS"/*.d | /usr/local/lib/postern) chmod 0755 "$1" ;; esac
}

# keep_files: what the change has written so far outlasts a power cut. Before a commit, after which nothing is rolled back.
keep_files() {
  set --
  kept_folders=
  while IFS= read -r path; do
    [ ! -f "$path" ] || set -- "$@" "$path"
    case ":$kept_folders:" in *":${path%/*}:"*) continue ;; esac
    kept_folders=$kept_folders:${path%/*}
    [ ! -d "${path%/*}" ] || set -- "$@" "${path%/*}"
  done <"$PAYLOAD/touch"
  sync "$@"
}
