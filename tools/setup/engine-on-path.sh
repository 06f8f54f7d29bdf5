# shellcheck shell=sh
# A Pulumi engine that the machine has already.
: "${root:?}" "${engine_version:?}"

# engine_on_path: sets $engine_found to the first real, new enough `pulumi` on PATH; fails where there is none.
# npm puts node_modules/.bin on PATH, whose pulumi is our own, and a global `npm install pulumi` is a wrapper that would
# download: neither is an engine.
engine_on_path() {
  engine_path_rest=$PATH:
  while [ -n "$engine_path_rest" ]; do
    engine_found=${engine_path_rest%%:*}/pulumi
    engine_path_rest=${engine_path_rest#*:}
    if [ ! -f "$engine_found" ] || [ ! -x "$engine_found" ]; then continue; fi
    case $(readlink -f "$engine_found") in
      # The last is that of another checkout, which would keep its state there.
      */node_modules/* | "$root"/* | */tools/pulumi.sh) continue ;;
    esac
    if engine_is_new_enough; then return 0; fi
  done
  return 1
}

# Asking a binary for its version takes 0.2 s, so the answer is kept for as long as the file stays the same.
engine_is_new_enough() {
  engine_seen=$(ls -lL "$engine_found")
  engine_checked=$root/.postern/engine-on-path
  if [ ! -f "$engine_checked" ] || ! engine_answer=$(grep -F -- " $engine_seen" "$engine_checked"); then
    engine_answer="$(PULUMI_SKIP_UPDATE_CHECK=1 "$engine_found" version 2>/dev/null </dev/null || echo broken) $engine_seen"
    mkdir -p "$root/.postern"
    printf '%s\n' "$engine_answer" >>"$engine_checked"
  fi
  engine_answer=${engine_answer%% *}
  case $engine_answer in v[0-9]*) ;; *) engine_answer=v0 ;; esac
  version_at_least "$engine_answer" "$engine_version" && return 0
  engine_why="$engine_why$engine_found is $engine_answer, older than $engine_version. "
  return 1
}
