import type { BackendName } from '../../posture/firewall/backend.ts';

/** What can have become of a file; `${path}` stands for it in the shell. */
export const DAMAGES: Readonly<Record<string, string>> = {
  truncated: 'truncate -s $(($(stat -c %s "$path") * 2 / 3)) "$path"',
  empty: 'truncate -s 0 "$path"',
  missing: 'rm -f "$path"',
  unreadable: 'rm -f "$path" && mkdir "$path"',
  garbage: 'head -c 700 /dev/urandom >"$path"',
};

const EVERYWHERE = [
  '/usr/local/lib/postern/firewall',
  '/etc/postern/door.conf',
  '/etc/systemd/system/postern-firewall.service',
];

const BY_BACKEND: Readonly<Record<BackendName, readonly string[]>> = {
  nftables: [
    '/etc/postern/firewall.nft',
    '/etc/nftables.conf',
    '/etc/systemd/system/nftables.service.d/postern.conf',
  ],
  iptables: [
    '/etc/postern/chain.v4',
    '/etc/postern/chain.v6',
    '/etc/iptables/rules.v4',
    '/etc/iptables/rules.v6',
  ],
  ufw: [
    '/etc/postern/chain.v4',
    '/etc/postern/chain.v6',
    ...['user', 'user6', 'before', 'before6', 'after', 'after6'].map((name) => `/etc/ufw/${name}.rules`),
    '/etc/default/ufw',
    '/etc/ufw/ufw.conf',
  ],
  firewalld: [
    '/etc/postern/firewall.nft',
    '/etc/postern/firewalld.zone',
    '/etc/firewalld/firewalld.conf',
    '/etc/firewalld/zones/public.xml',
    '/etc/systemd/system/firewalld.service.d/postern.conf',
  ],
};

/** Every file that a boot or a reload reads to put a host's rules into force. */
export function loadedFiles(backend: BackendName): string[] {
  const knock =
    backend === 'nftables' || backend === 'firewalld'
      ? ['/etc/postern/knock.nft']
      : ['/etc/postern/knock.v4', '/etc/postern/knock.v6'];
  return [...BY_BACKEND[backend], ...knock, ...EVERYWHERE];
}

/** Rules that are refused though every file is whole: shell that brings it about, in the host. */
export const REFUSALS: Readonly<Record<BackendName, Readonly<Record<string, string>>>> = {
  nftables: { 'sets with a timeout': nftRefuses('timeout') },
  firewalld: { 'sets with a timeout': nftRefuses('timeout') },
  iptables: { xt_recent: withoutMatch('xt_recent'), ip6t_hl: withoutMatch('ip6t_hl') },
  ufw: { xt_recent: withoutMatch('xt_recent'), xt_comment: withoutMatch('xt_comment') },
};

/** As where an extension of iptables is not there. */
function withoutMatch(name: string): string {
  return `for library in /usr/lib/*/xtables/lib${name}.so; do mv "$library" "$library.away"; done`;
}

/** An nft that refuses what has a word in it, as a kernel does that was built without a part. */
function nftRefuses(word: string): string {
  return `mv /usr/sbin/nft /usr/sbin/nft.real && install -m 755 /dev/stdin /usr/sbin/nft <<'WRAPPER'
#!/bin/sh
input=
case $* in
  *'-f -') input=$(cat) ;;
  *'-f '*) for file; do :; done; input=$(cat "$file") ;;
esac
included=$(printf '%s\\n' "$input" | sed -n 's/^[[:space:]]*include "\\(.*\\)"/\\1/p')
case "$* $input $(cat $included </dev/null)" in
  list*) ;;
  *'${word}'*) echo 'Error: Could not process rule: No such file or directory' >&2; exit 1 ;;
esac
case $* in *'-f -') printf '%s\\n' "$input" | nft.real "$@" ;; *) exec nft.real "$@" ;; esac
WRAPPER`;
}
