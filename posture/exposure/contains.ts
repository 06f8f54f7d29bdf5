import { maskIp, parseIpv4, parseIpv6 } from '../schema/ip.ts';

/** Whether a network in CIDR notation, or a single address, holds an address. Families never mix. */
export function contains(network: string, address: string): boolean {
  const [base = '', prefix] = network.split('/');
  const groups = parse(base);
  const wanted = parse(address);
  if (groups === undefined || wanted === undefined || groups.length !== wanted.length) return false;
  const bits = prefix === undefined ? (groups.length === 4 ? 32 : 128) : Number(prefix);
  return maskIp(groups, bits).join() === maskIp(wanted, bits).join();
}

function parse(address: string): readonly number[] | undefined {
  return parseIpv4(address) ?? parseIpv6(address);
}
