import type { Sequences } from '../../posture/knock/sequence.ts';
import type { Posture } from '../../posture/schema/posture.ts';

/** One rule of a DigitalOcean Cloud Firewall for traffic to the droplet. */
export interface InboundRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** One port; absent for ICMP. */
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
 * What the cloud passes on so that knocks arrive: their ports, each with its protocol. Secret, though sorted, so that
 * not even somebody who may read the firewall is told the order.
 */
export function knockRules({ open, close }: Sequences): InboundRule[] {
  const knocks = [...open, ...(close ?? [])].toSorted(
    (left, right) => left.protocol.localeCompare(right.protocol) || left.port - right.port,
  );
  return distinct(knocks.map(({ port, protocol }) => passing(protocol, port, ANYWHERE)));
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
