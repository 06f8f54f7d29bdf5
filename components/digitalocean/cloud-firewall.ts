import type { Candidate } from '../../posture/candidates.ts';
import { engineOf } from '../../posture/knock/engines.ts';
import type { Knock, Sequences } from '../../posture/knock/sequence.ts';
import type { Posture } from '../../posture/schema/posture.ts';

/** One rule of a DigitalOcean Cloud Firewall for traffic to the droplet. */
export interface InboundRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** One port, or `FIRST-LAST`; absent for ICMP. */
  readonly portRange?: string;
  readonly sourceAddresses: string[];
}

/** One rule for traffic from the droplet. */
export interface OutboundRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly portRange?: string;
  readonly destinationAddresses: string[];
}

/** Rules, in and out together, that DigitalOcean takes per firewall. */
export const MOST_RULES = 50;

/** The port of a new droplet's sshd, and of any droplet whose hardening was taken back. */
const BIRTH_PORT = 22;

const ANYWHERE = ['0.0.0.0/0', '::/0'];

/** A droplet may connect to anything. */
export const OUTBOUND_RULES: readonly OutboundRule[] = [
  { protocol: 'tcp', portRange: '1-65535', destinationAddresses: ANYWHERE },
  { protocol: 'udp', portRange: '1-65535', destinationAddresses: ANYWHERE },
  { protocol: 'icmp', destinationAddresses: ANYWHERE },
];

/**
 * What the cloud passes on to a droplet whatever its sequences are: the service ports, the SSH ports, which the host
 * itself hides, and the backup port, from `deployerCidrs` where they are given.
 */
export function openRules(posture: Posture, deployerCidrs: readonly string[]): InboundRule[] {
  const { firewall, ssh, backup } = posture;
  const rules = firewall.rules.map(({ port, protocol, from }) =>
    passing(protocol, port, from === 'anywhere' ? ANYWHERE : from),
  );
  return distinct([
    ...rules,
    ...(firewall.icmpEcho ? [{ protocol: 'icmp' as const, sourceAddresses: ANYWHERE }] : []),
    passing('tcp', BIRTH_PORT, ANYWHERE),
    passing('tcp', ssh.port, ANYWHERE),
    passing('tcp', backup.port, deployerCidrs.length === 0 ? ANYWHERE : deployerCidrs),
  ]);
}

/**
 * What the cloud passes on so that knocks arrive: their ports, each with its protocol, and the decoys beside them, in
 * ranges. Without the decoys a scan of all ports in random order would be a knock in random order. Secret, though sorted,
 * so that not even somebody who may read the firewall is told the order.
 */
export function knockRules(posture: Posture, sequences: Sequences): InboundRule[] {
  const { open, close } = sequences;
  const passed = [...open, ...(close ?? []), ...engineOf(posture.knock.engine).decoys(posture, sequences)];
  return (['tcp', 'udp'] as const).flatMap((protocol) =>
    ranges(passed.filter((knock) => knock.protocol === protocol).map(({ port }) => port)).map((range) => ({
      protocol,
      portRange: range,
      sourceAddresses: ANYWHERE,
    })),
  );
}

/** `8710-8716`, or `8713`: as few as there can be. */
function ranges(ports: readonly number[]): string[] {
  const sorted = [...new Set(ports)].sort((left, right) => left - right);
  const begins = sorted.filter((port) => !sorted.includes(port - 1));
  const ends = sorted.filter((port) => !sorted.includes(port + 1));
  return begins.map((begin, index) => (ends[index] === begin ? `${begin}` : `${begin}-${ends[index]}`));
}

/**
 * What the cloud passes on besides, so that the owner comes in whichever way in became the one in force: port and opening
 * knocks of candidates, the newest first, as far as DigitalOcean takes rules.
 *
 * @param rules those that pass in any case.
 */
export function withCandidates(
  rules: readonly InboundRule[],
  candidates: readonly Candidate[],
): InboundRule[] {
  let passed = distinct(rules);
  for (const { port, open } of candidates) {
    const ways = [{ port, protocol: 'tcp' as const }, ...open].filter((way) => !passes(passed, way));
    const more = distinct([...passed, ...ways.map((way) => passing(way.protocol, way.port, ANYWHERE))]);
    if (more.length + OUTBOUND_RULES.length > MOST_RULES) break;
    passed = more;
  }
  return passed;
}

function passes(
  rules: readonly InboundRule[],
  { port, protocol }: Pick<Knock, 'port' | 'protocol'>,
): boolean {
  return rules.some((rule) => {
    const [first = 0, last = first] = (rule.portRange ?? '').split('-').map(Number);
    const anybody = ANYWHERE.every((source) => rule.sourceAddresses.includes(source));
    return rule.protocol === protocol && anybody && first <= port && port <= last;
  });
}

function passing(protocol: 'tcp' | 'udp', port: number, from: readonly string[]): InboundRule {
  return { protocol, portRange: String(port), sourceAddresses: [...from] };
}

/** One rule per protocol and port, for the sources of all: the host's own firewall tells them apart again. */
function distinct(rules: readonly InboundRule[]): InboundRule[] {
  const merged = new Map<string, InboundRule>();
  for (const rule of rules) {
    const key = `${rule.protocol}/${rule.portRange ?? ''}`;
    const sources = [...(merged.get(key)?.sourceAddresses ?? []), ...rule.sourceAddresses];
    merged.set(key, { ...rule, sourceAddresses: [...new Set(sources)] });
  }
  return [...merged.values()];
}
