# shellcheck shell=sh
# The engine as npm's `pulumi` package downloads it.
: "${root:?}" "${home:?}" "${engine_home:?}"

# engine_download: lets the package's wrapper fetch its version, for ten minutes at most; fails fast where Pulumi's site
# cannot be reached. The wrapper installs into $PULUMI_HOME/versions/<version>/bin.
engine_download() {
  engine_log=$root/.postern/log/engine-download.log
  mkdir -p "$root/.postern/log"
  say "Pulumi engine: none here yet, trying the download of npm's pulumi package"
  if engine_bounded node "$root/node_modules/pulumi/run.js" version </dev/null >"$engine_log" 2>&1 9>&- &&
    engine_complete "$engine_home"; then
    say "Pulumi engine: downloaded"
    return 0
  fi
  engine_why="$engine_why""The download failed ($(tail -n 1 "$engine_log")). "
  say "Pulumi engine: cannot be downloaded here ($(tail -n 1 "$engine_log"))"
  return 1
}

engine_bounded() {
  if command -v timeout >/dev/null 2>&1; then set -- timeout --foreground -k 5 600 "$@"; fi
  # The wrapper runs a script that it writes under a name which others on this machine can foresee.
  engine_tmp=$(mktemp -d)
  engine_status=0
  env -u PULUMI_VERSION PULUMI_HOME="$home" PULUMI_SKIP_UPDATE_CHECK=1 TMPDIR="$engine_tmp" "$@" || engine_status=$?
  rm -rf "$engine_tmp"
  return "$engine_status"
}
