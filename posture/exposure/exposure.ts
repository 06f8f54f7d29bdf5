import { engineNamed } from '../knock/engines.ts';
import type { Posture } from '../schema/posture.ts';
import { furtherAccess } from '../sshd/access.ts';

/**
 * Who gets an answer from a port. Everything without a row is closed.
 *
 * - `knocker`: the address that knocked, over the family it knocked over, for `seconds` or, where that is null, until
 *   the closing knock.
 * - `deployer`: the address that a change is made from, while it is being made and no longer.
 * - `link`: neighbours on the host's own link, by their link-local addresses; nothing that is routed.
 * - `unknown`: whom the host's own rules name, which were to be kept; Postern neither knows nor changes them.
 */
export type Access =
  | { readonly to: 'anywhere' }
  | { readonly to: 'networks'; readonly networks: readonly string[] }
  | { readonly to: 'knocker'; readonly seconds: number | null }
  | { readonly to: 'deployer' }
  | { readonly to: 'link' }
  | { readonly to: 'unknown' };

/** One line of the exposure table. */
export interface Exposure {
  readonly family: 'ipv4' | 'ipv6';
  /** `any` in the row that stands for the host's own rules. */
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'any';
  /** Port, or null for ICMP echo and for the host's own rules. */
  readonly port: number | null;
  readonly access: Access;
  readonly purpose: string;
}

/**
 * Who can reach what on a host, computed from its posture alone: the rows of a sealed host and, for the deployer, the
 * backup port while a change is made. `npm run exposure` measures that it is true (docs/exposure.md).
 */
export function exposureOf(posture: Posture): Exposure[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => [
    ...posture.firewall.rules.flatMap((rule): Exposure[] => {
      const access = accessOf(rule.from, family);
      return access === undefined
        ? []
        : [{ family, protocol: rule.protocol, port: rule.port, access, purpose: rule.purpose }];
    }),
    ...(posture.firewall.icmpEcho ? [echo(family)] : []),
    ...(family === 'ipv6' ? [dhcpAnswers()] : []),
    // Where nothing is heard, nobody's knock opens anything. A state of another version may name another engine.
    ...(family === 'ipv6' && engineNamed(posture.knock.engine)?.deafOverIpv6() !== undefined
      ? []
      : [frontDoor(posture, family)]),
    backupDoor(posture, family),
    ...(posture.firewall.foreignRules === 'keep' ? [ownRules(family)] : []),
  ]);
}

function frontDoor({ ssh, knock }: Posture, family: Exposure['family']): Exposure {
  const seconds = knock.door === 'timed' ? knock.openSeconds : null;
  const purpose = ['ssh', ...furtherAccess(ssh).map((access) => `also by ${access}`)].join(', ');
  return { family, protocol: 'tcp', port: ssh.port, access: { to: 'knocker', seconds }, purpose };
}

function backupDoor({ backup }: Posture, family: Exposure['family']): Exposure {
  return { family, protocol: 'tcp', port: backup.port, access: { to: 'deployer' }, purpose: 'backup ssh' };
}

/**
 * A DHCPv6 client asks a multicast address, so connection tracking does not know the answer as one. It comes from port
 * 547 of a server or relay on the link (RFC 8415, section 7.2).
 */
function dhcpAnswers(): Exposure {
  return { family: 'ipv6', protocol: 'udp', port: 546, access: { to: 'link' }, purpose: 'dhcpv6 answers' };
}

function ownRules(family: Exposure['family']): Exposure {
  return {
    family,
    protocol: 'any',
    port: null,
    access: { to: 'unknown' },
    purpose: 'rules of the host, kept',
  };
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
    case 'deployer':
      return 'the deployer, while a change is made';
    case 'link':
      return 'neighbours on the link';
    case 'unknown':
      return 'whom they let in';
  }
}

/** `ipv4 tcp 4002: anywhere (p2p devnet)`: a line of the table, for reviewers. */
export function describeExposure({ family, protocol, port, access, purpose }: Exposure): string {
  const what = { tcp: `tcp ${port}`, udp: `udp ${port}`, icmp: 'icmp echo', any: 'whatever' }[protocol];
  return `${family} ${what}: ${describeAccess(access)} (${purpose})`;
}
