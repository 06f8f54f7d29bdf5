import { backendOf } from '../firewall/backends.ts';
import { NOLOG_CHAIN } from '../firewall/chain.ts';
import { KNOCK_FILE } from '../firewall/nftables.ts';
import type { Posture } from '../schema/posture.ts';
import { servedPorts } from '../served-ports.ts';
import { decoys } from './decoys.ts';
import type { Sequence, Sequences } from './sequence.ts';

const CHAIN_FILES = { 4: '/etc/postern/knock.v4', 6: '/etc/postern/knock.v6' } as const;

/** Every file that an engine may add to the firewall's rules. */
export const KNOCK_RULE_FILES: readonly string[] = [KNOCK_FILE, ...Object.values(CHAIN_FILES)];

/** A chain of iptables and its rules. */
export type Chain = readonly [name: string, rules: readonly string[]];

/** What an engine that works in the kernel counts knocks with. */
export interface Counting {
  /** Sets and chains of nftables' table. */
  readonly table: () => string;
  /** Chains of iptables, for a family. */
  readonly chains: (family: 4 | 6) => readonly Chain[];
}

const NO_COUNTING: Counting = { table: () => '', chains: () => [] };

/** The most ports that one match of iptables takes. */
export const MULTIPORT = 15;

/**
 * What an engine adds to the firewall's rules, by absolute path: packets to its ports end there, ahead of every rule of
 * anybody's that logs them. A log of packets, which ufw keeps by default, would have a sequence port by port and in
 * its order. A daemon hears them all the same: it takes packets from the wire. Secret: the ports are in them.
 */
export function knockRules(
  posture: Posture,
  sequences: Sequences,
  counting: Counting = NO_COUNTING,
): Readonly<Record<string, string>> {
  const ports = unlogged(posture, sequences);
  switch (backendOf(posture.firewall.backend).mechanism) {
    case 'nftables':
      return {
        [KNOCK_FILE]: `# Written by Postern; secret. The firewall's own file includes it in the table's braces.
${counting.table()}${nologTable(ports)}`,
      };
    case 'iptables':
      return {
        [CHAIN_FILES[4]]: chainFile([...counting.chains(4), nologChain(ports)]),
        [CHAIN_FILES[6]]: chainFile([...counting.chains(6), nologChain(ports)]),
      };
  }
}

/**
 * The ports that no log is to name: those of the knocks, and the decoys beside them, without which they would be the only
 * ones that a log of all the others does not have. Rules of the owner's that are kept may open one of the latter by chance.
 */
function unlogged(posture: Posture, sequences: Sequences): Sequence {
  const knocks = [...sequences.open, ...(sequences.close ?? [])];
  return posture.firewall.foreignRules === 'keep'
    ? knocks
    : [...knocks, ...decoys(sequences, servedPorts(posture))];
}

function chainFile(chains: readonly Chain[]): string {
  const names = chains.map(([name]) => `:${name} - [0:0]\n`);
  const rules = chains.flatMap(([name, own]) => own.map((rule) => `-A ${name} ${rule}\n`));
  return `# Written by Postern; secret.\n*filter\n${names.join('')}${rules.join('')}COMMIT\n`;
}

/** Answers to what this host itself asked from such a port go on. */
function nologChain(ports: Sequence): Chain {
  const groups = (['tcp', 'udp'] as const).flatMap((protocol) => {
    const numbers = portsOf(ports, protocol);
    return Array.from({ length: Math.ceil(numbers.length / MULTIPORT) }, (_, n) => {
      const some = numbers.slice(n * MULTIPORT, (n + 1) * MULTIPORT);
      return `-p ${protocol} -m multiport --dports ${some.join(',')} -j DROP`;
    });
  });
  return [
    NOLOG_CHAIN,
    ['-i lo -j RETURN', '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN', ...groups],
  ];
}

function nologTable(ports: Sequence): string {
  const elements = (['tcp', 'udp'] as const).flatMap((protocol) =>
    portsOf(ports, protocol).map((port) => `${protocol} . ${port}`),
  );
  // Behind what counts knocks and before every chain that decides.
  return `	chain nolog {
		type filter hook input priority filter - 4; policy accept;
		iif "lo" accept
		ct state established,related accept
		meta l4proto . th dport { ${elements.join(', ')} } drop
	}
`;
}

/** In ascending order, which is not that of a sequence. */
function portsOf(ports: Sequence, wanted: 'tcp' | 'udp'): number[] {
  const own = ports.filter(({ protocol }) => protocol === wanted).map(({ port }) => port);
  return [...new Set(own)].sort((left, right) => left - right);
}
