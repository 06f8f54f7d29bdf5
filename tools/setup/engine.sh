# shellcheck shell=sh
# The Pulumi engine: one on PATH, else the npm package's own download, else built from Go modules.
# Its path ends up in .postern/engine, where tools/pulumi.sh reads it.
: "${root:?}"
: "${home:?}"

# What this project is written for: the version of the npm packages pulumi and @pulumi/pulumi, and of tools/engine/cli/go.mod.
engine_version=3.250.0
# Where npm's wrapper keeps that version, and so the place where a built one belongs too.
engine_home=$home/versions/$engine_version/bin

. "$root/tools/setup/engine-on-path.sh"
. "$root/tools/setup/engine-download.sh"
. "$root/tools/setup/engine-build.sh"

setup_engine() {
  engine_why=''
  if engine_on_path; then
    engine_record "$engine_found"
  elif engine_complete "$engine_home" || engine_download || engine_build; then
    engine_record "$engine_home/pulumi"
  else
    die 'there is no Pulumi engine, and none can be had' \
      "Install Pulumi >= $engine_version (so that pulumi is on PATH) or Go >= 1.25.11 (to build it), then try again." \
      "$engine_why"
  fi
}

# engine_complete FOLDER: whether it holds the CLI and, beside it, the language host for Node.js.
engine_complete() { [ -x "$1/pulumi" ] && [ -x "$1/pulumi-language-nodejs" ]; }

engine_record() {
  engine_old=''
  [ ! -f "$root/.postern/engine" ] || IFS= read -r engine_old <"$root/.postern/engine" || :
  [ "$engine_old" != "$1" ] || return 0
  printf '%s\n' "$1" >"$root/.postern/engine.$$"
  mv -f "$root/.postern/engine.$$" "$root/.postern/engine"
  say "Pulumi engine: $1"
}
