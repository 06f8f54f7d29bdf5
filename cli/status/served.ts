import { BlockList, isIP } from 'node:net';
import type { Exposure } from '../../posture/exposure.ts';

/** The TCP ports that the exposure table opens without a knock over one IP version; UDP cannot be told from outside. */
export function servedPorts(exposure: readonly Exposure[], family: 4 | 6): Exposure[] {
  return exposure.filter(
    (row) => row.protocol === 'tcp' && row.family === `ipv${family}` && row.access.to !== 'knocker',
  );
}

/** Whether an exposure admits a client that comes from `source`. */
export function admits({ access }: Exposure, source: string): boolean {
  if (access.to !== 'networks') return access.to === 'anywhere';
  const list = new BlockList();
  for (const network of access.networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list.check(source, isIP(source) === 6 ? 'ipv6' : 'ipv4');
}
