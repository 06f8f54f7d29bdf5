# shellcheck shell=sh
# The engine built from Go modules: the CLI, and the last published language host for Node.js.
# tools/engine/*/go.mod and go.sum pin every byte that goes in. See docs/decisions/0010-engine-from-go-modules.md.
: "${root:?}" "${home:?}" "${engine_version:?}" "${engine_home:?}"

# The newest release of the SDK's Go module that still contains the language host.
engine_host_version=3.68.0

engine_build() {
  if ! engine_go; then
    engine_why="$engine_why""It cannot be built: $engine_no_go."
    return 1
  fi
  # Several clones share one home, so they take turns; who waited finds the work done. A subshell, for its lock ends with it.
  (
    hold_lock "$home/versions/.postern-build.lock" 'builds the Pulumi engine'
    engine_complete "$engine_home" || engine_build_aside
  ) && return 0
  engine_why="$engine_why""The build failed, see .postern/log."
  return 1
}

# engine_go: whether there is a Go that can build it; $engine_no_go says why not. An older Go (>= 1.21) fetches the one that
# go.mod asks for by itself, unless GOTOOLCHAIN forbids it: so the question is asked in the module's folder.
engine_go() {
  command -v go >/dev/null 2>&1 || { engine_no_go='there is no Go'; return 1; }
  engine_no_go=$(cd "$root/tools/engine/cli" && go version 2>&1) || return 1
  engine_go_version=${engine_no_go#go version go}
  version_at_least "${engine_go_version%% *}" 1.25.11 && return 0
  engine_no_go="${engine_no_go#go version } is older than 1.25.11"
  return 1
}

# Built in a folder aside and moved into place whole, so that a killed build leaves nothing that looks finished.
engine_build_aside() {
  engine_aside=$home/versions/.postern-build
  rm -rf "$engine_aside"
  mkdir -p "$engine_aside/bin"
  step engine-cli 'Pulumi engine, built from Go modules (once, about 4 minutes on 2 cores)' \
    engine_go_build cli "$engine_version" pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi || return 1
  step engine-language-host 'Pulumi language host for Node.js, built from Go modules' \
    engine_go_build language-host "$engine_host_version" pulumi-language-nodejs \
    github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs || return 1
  printf 'Built from Go modules by Postern: pulumi %s, pulumi-language-nodejs %s.\n' \
    "$engine_version" "$engine_host_version" >"$engine_aside/bin/BUILT-FROM-MODULES"
  mkdir -p "${engine_home%/*}"
  rm -rf "$engine_home"
  mv "$engine_aside/bin" "$engine_home" || return 1
  rm -rf "$engine_aside"
  engine_complete "$engine_home"
}

# engine_go_build MODULE VERSION PROGRAM PACKAGE
engine_go_build() {
  cd "$root/tools/engine/$1" &&
    env GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$2" \
      -o "$engine_aside/bin/$3" "$4"
}
