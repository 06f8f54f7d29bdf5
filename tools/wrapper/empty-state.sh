# shellcheck shell=sh
# If the disk is full when the engine writes its state, the engine leaves an empty file and ends with success.
: "${root:?}"

# tell_empty_state: says what to do if the local state of $stack is empty; false if it is not.
# shellcheck disable=SC2154 # $stack is the caller's
tell_empty_state() {
  empty_state=.postern/state/.pulumi/stacks/postern/${stack##*/}.json
  [ -f "$root/$empty_state" ] && [ ! -s "$root/$empty_state" ] || return 1
  cat >&2 <<END
postern: the state of stack $stack is empty, because the disk was full when the engine wrote it: $root/$empty_state
END
  empty_copy=.postern/copies/${stack##*/}.json
  if [ -s "$root/$empty_copy" ]; then
    cat >&2 <<END
  Postern keeps a copy from just before the last change of a host, with the sequences that open the doors. Make room on the disk, then:
  cd '$root' && cp $empty_copy $empty_state && npm run up -- $stack --refresh
END
  else
    cat >&2 <<END
  There is no copy of it in $root/.postern/copies. The engine's own are in .postern/state/.pulumi/backups/postern/${stack##*/}: copy the newest one that is
  not empty to $empty_state, then run npm run up -- $stack --refresh.
END
  fi
}
