# shellcheck shell=sh
# What a sealed host has to look like, and where it differs. Sourced.

# manifest: one line for every managed thing, `file <path> <sha256> <mode> <owner>`, `unit …`, `rule …`.
manifest() {
  while IFS= read -r path; do
    case $path in
      */postern-backup* | /etc/ssh/ssh_host_*) continue ;;
    esac
    [ -f "$path" ] || continue
    printf 'file %s %s %s\n' "$path" "$(sha256sum <"$path" | cut -d' ' -f1)" "$(stat -c '%a %U:%G' "$path")"
  done <"${1:-$PAYLOAD/touch}"
  for unit in ssh.service knockd.service ufw.service postern-chain.service; do
    printf 'unit %s %s\n' "$unit" "$(unit_state "$unit")"
  done
  for tool in iptables ip6tables; do
    printf 'rules %s %s\n' "$tool" "$("$tool-save" -t filter | grep -Ev '^(#|:)' | grep -v postern-backup | sha256sum | cut -d' ' -f1)"
  done
}

# inspect: the lines of the manifest that are no longer true, `-` as sealed, `+` as found; nothing when all are.
inspect() {
  [ -f "$STATE/sealed/manifest" ] || fail 'this host was never sealed, or its record is gone'
  mkdir -p /run/postern
  manifest "$STATE/sealed/touch" >/run/postern/found
  diff "$STATE/sealed/manifest" /run/postern/found | sed -n 's/^< /-/p; s/^> /+/p'
  rm -f /run/postern/found
}
