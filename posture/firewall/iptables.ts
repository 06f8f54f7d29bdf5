import type { Posture } from '../schema/posture.ts';
import type { FirewallBackend } from './backend.ts';
import { doorRule, knockJump } from './chain.ts';
import { OUTPUT_CHAIN, outputRules } from './icmp-errors.ts';
import { type ServiceRule, serviceRules, serviceRulesOf } from './service-rules.ts';

/** The chain that INPUT jumps to first, for both families. */
const CHAIN = 'POSTERN-INPUT';

const FILES = { 4: '/etc/postern/chain.v4', 6: '/etc/postern/chain.v6' } as const;

/**
 * iptables and ip6tables without a manager: a chain of our own and INPUT's policy. Loaded before the network by
 * postern-firewall.service without touching other chains, docker's for one, and written into rules.v4 and rules.v6,
 * where iptables-persistent, if the host has it, loads the same.
 */
export const iptables: FirewallBackend = {
  openLatency: { timed: 0, held: 0 },
  mechanism: 'iptables',
  packages: ['iptables'],
  units: ['netfilter-persistent.service'],
  paths: [...Object.values(FILES), '/etc/iptables/rules.v4', '/etc/iptables/rules.v6'],
  files: (posture) => ({
    [FILES[4]]: inputRules(posture, 4),
    [FILES[6]]: inputRules(posture, 6),
  }),
  rules: (posture) =>
    serviceRules(posture).flatMap((rule) =>
      (rule.family === undefined ? ([4, 6] as const) : [rule.family]).map(
        (family) => `${family === 4 ? 'iptables' : 'ip6tables'} -A ${CHAIN} ${acceptService(rule)}`,
      ),
    ),
};

/** The chain in iptables-restore format, for a family. */
export function inputRules(posture: Posture, family: 4 | 6): string {
  const { ssh, firewall } = posture;
  const rules = [
    '-i lo -j ACCEPT',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...NEEDED[family].map((match) => `${match} -j ACCEPT`),
    '-m conntrack --ctstate INVALID -j DROP',
    ...(firewall.icmpEcho ? [`${ECHO[family]} -j ACCEPT`] : []),
    ...serviceRulesOf(posture, family).map(acceptService),
    ...knockJump(posture),
    doorRule(posture, family),
    // Before rules of the owner's, which may be kept: nothing but a knock opens the front door.
    `-p tcp -m tcp --dport ${ssh.port} -j DROP`,
    ...(firewall.foreignRules === 'keep' ? [] : ['-j DROP']),
  ];
  const lines = rules.map((rule) => `-A ${CHAIN} ${rule}\n`).join('');
  return `*filter\n:INPUT DROP [0:0]\n:${CHAIN} - [0:0]\n:${OUTPUT_CHAIN} - [0:0]\n${lines}${outputRules(family)}COMMIT\n`;
}

function acceptService({ protocol, port, network, comment }: ServiceRule): string {
  const source = network === undefined ? '' : `-s ${network} `;
  return `${source}-p ${protocol} -m ${protocol} --dport ${port} -m comment --comment "${comment}" -j ACCEPT`;
}

const ECHO = {
  4: '-p icmp -m icmp --icmp-type 8',
  6: '-p ipv6-icmp -m icmp6 --icmpv6-type 128',
} as const;

/** Errors, neighbour discovery (never routed: hop limit 255), multicast listeners, answers to a DHCPv6 client. */
const NEEDED = {
  4: [3, 11, 12].map((type) => `-p icmp -m icmp --icmp-type ${type}`),
  6: [
    ...[134, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255`),
    ...[130, 131, 132, 143].map((type) => `-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type ${type}`),
    ...[1, 2, 3, 4].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`),
    '-s fe80::/10 -p udp -m udp --sport 547 --dport 546',
  ],
} as const;
