import type { Posture } from '../schema/posture.ts';
import type { FirewallBackend } from './backend.ts';
import { NFT_OUTPUT } from './icmp-errors.ts';
import { type ServiceRule, serviceRules } from './service-rules.ts';

/** The table, which Postern alone writes; tables of others are not touched. */
export const TABLE = 'inet postern';

const FILE = '/etc/postern/firewall.nft';

/** What the knock engine adds to the table. */
export const KNOCK_FILE = '/etc/postern/knock.nft';

/**
 * nftables without a manager: a table of our own, loaded before the network by postern-firewall.service.
 * /etc/nftables.conf stays as it is; because that file begins with `flush ruleset`, a drop-in of nftables.service loads
 * ours in the same step.
 */
export const nftables: FirewallBackend = {
  openLatency: { timed: 0, held: 0 },
  mechanism: 'nftables',
  packages: ['nftables'],
  units: ['nftables.service'],
  paths: [FILE, '/etc/systemd/system/nftables.service.d/postern.conf'],
  files: (posture) => ({ [FILE]: nftRules(posture) }),
  rules: (posture) => serviceRules(posture).map(acceptService),
};

/** The kernel's set of those who knocked, `inet postern door4` or `door6`; a timed door's elements have a timeout. */
export function doorSet(family: 4 | 6): string {
  return `door${family}`;
}

/**
 * nft(8)'s file. It replaces the table in one step, so that no moment is without rules.
 *
 * @param knockFile what the knock engine adds to it.
 */
export function nftRules(posture: Posture, knockFile = KNOCK_FILE): string {
  const { ssh, firewall } = posture;
  const rules = [
    'ct state established,related accept',
    'iif "lo" accept',
    // What IPv6 cannot live without; it never opens anything. Neighbour discovery is not tracked, so it is not "related".
    'icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
    'icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr fe80::/10 accept',
    'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept',
    'icmp type { destination-unreachable, time-exceeded, parameter-problem } accept',
    'ct state invalid drop',
    ...(firewall.icmpEcho ? ['icmp type echo-request accept', 'icmpv6 type echo-request accept'] : []),
    // A DHCPv6 client asks a multicast address, so its answer is not known as one.
    'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
    ...serviceRules(posture).map(acceptService),
    `ip saddr @${doorSet(4)} tcp dport ${ssh.port} ct state new accept`,
    `ip6 saddr @${doorSet(6)} tcp dport ${ssh.port} ct state new accept`,
  ];
  return `#!/usr/sbin/nft -f
# Written by Postern; changed by the next change of its configuration.
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
	set ${doorSet(4)} {
		type ipv4_addr
		flags timeout
	}
	set ${doorSet(6)} {
		type ipv6_addr
		flags timeout
	}
	chain input {
		type filter hook input priority filter; policy drop;
${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}
${NFT_OUTPUT}${knockInclude(knockFile)}}
`;
}

/**
 * The knock engine's sets and chains, in a secret file of their own. Whoever loads the firewall's file loads them along, in
 * the same step. Inside the table's braces, because nft 0.9.8 (Debian 11) crashes when sets are added
 * to a table that the same file replaced.
 */
export function knockInclude(file = KNOCK_FILE): string {
  return `\tinclude "${file}"\n`;
}

function acceptService({ family, protocol, port, network, comment }: ServiceRule): string {
  const source = network === undefined ? '' : `${family === 6 ? 'ip6' : 'ip'} saddr ${network} `;
  return `${source}${protocol} dport ${port} accept comment "${comment}"`;
}
