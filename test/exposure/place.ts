import type { LabVps } from '../../lab/vps.ts';

/** One of the outside's addresses on a lab host's network, over both families. */
export interface Client {
  readonly name: 'knocker' | 'bystander';
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Who looks at a lab host: somebody who will knock and somebody who never does. */
export function clientsOf(vps: LabVps): { knocker: Client; bystander: Client } {
  const client = (name: Client['name'], n: 0 | 1): Client => ({
    name,
    ipv4: vps.otherClients[n] ?? '',
    ipv6: vps.otherClientsV6[n] ?? '',
  });
  return { knocker: client('knocker', 0), bystander: client('bystander', 1) };
}

/**
 * Words for networks that tell the outside's addresses (.1 the deployer, .3 the knocker, .4 the bystander) apart, also by
 * a boundary between two of them, so that a generated posture means the same on every lab host.
 */
export const NETWORK_WORDS = [
  'knocker',
  'bystander',
  'lower', // .0–.3: deployer and knocker
  'upper', // .4–.7: bystander
  'all', // everybody on the lab host's network
  'elsewhere', // nobody who looks
] as const;

/** One of {@link NETWORK_WORDS}, and the family it is meant in. */
export type NetworkWord = `${(typeof NETWORK_WORDS)[number]}${4 | 6}`;

/** A network word as CIDR notation on a lab host's network. */
export function networkOf(word: NetworkWord, vps: Pick<LabVps, 'address' | 'addressV6'>): string {
  const v4 = (host: string) => vps.address.replace(/\.\d+$/, host);
  const v6 = (host: string) => vps.addressV6.replace(/::.*$/, host);
  return {
    knocker4: v4('.3/32'),
    bystander4: v4('.4'),
    lower4: v4('.0/30'),
    upper4: v4('.4/30'),
    all4: v4('.0/24'),
    elsewhere4: '203.0.113.0/24',
    knocker6: v6('::3/128'),
    bystander6: v6('::4'),
    lower6: v6('::/126'),
    upper6: v6('::4/126'),
    all6: v6('::/64'),
    elsewhere6: '2001:db8::/32',
  }[word];
}
