import type { Posture } from './schema/posture.ts';

/** Who gets an answer from a port. Everything without a row is closed. */
export type Access =
  | { readonly to: 'anywhere' }
  | { readonly to: 'networks'; readonly networks: readonly string[] }
  | { readonly to: 'knocker'; readonly seconds: number | null };

/** One line of the exposure table. */
export interface Exposure {
  readonly family: 'ipv4' | 'ipv6';
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** Port, or null for ICMP echo. */
  readonly port: number | null;
  readonly access: Access;
  readonly purpose: string;
}

/** Who can reach what on a sealed host, computed from its posture alone; the lab measures that it is true. */
export function exposureOf(posture: Posture): Exposure[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => [
    ...posture.firewall.rules.flatMap((rule): Exposure[] => {
      const access = accessOf(rule.from, family);
      return access === undefined
        ? []
        : [{ family, protocol: rule.protocol, port: rule.port, access, purpose: rule.purpose }];
    }),
    ...(posture.firewall.icmpEcho ? [echo(family)] : []),
    {
      family,
      protocol: 'tcp' as const,
      port: posture.ssh.port,
      access: {
        to: 'knocker' as const,
        seconds: posture.knock.door === 'timed' ? posture.knock.openSeconds : null,
      },
      purpose: 'ssh',
    },
  ]);
}

function accessOf(from: 'anywhere' | readonly string[], family: Exposure['family']): Access | undefined {
  if (from === 'anywhere') return { to: 'anywhere' };
  const networks = from.filter((cidr) => cidr.includes(':') === (family === 'ipv6'));
  return networks.length === 0 ? undefined : { to: 'networks', networks };
}

function echo(family: Exposure['family']): Exposure {
  return { family, protocol: 'icmp', port: null, access: { to: 'anywhere' }, purpose: 'ping' };
}

/** `after a knock, for 30 s`: an access in words. */
export function describeAccess(access: Access): string {
  switch (access.to) {
    case 'anywhere':
      return 'anywhere';
    case 'networks':
      return access.networks.join(', ');
    case 'knocker':
      return access.seconds === null
        ? 'the knocker, until the closing knock'
        : `the knocker, for ${access.seconds} s after a knock`;
  }
}

/** `ipv4 tcp 4002: anywhere (p2p devnet)`: a line of the table, for reviewers. */
export function describeExposure({ family, protocol, port, access, purpose }: Exposure): string {
  return `${family} ${protocol}${port === null ? ' echo' : ` ${port}`}: ${describeAccess(access)} (${purpose})`;
}
