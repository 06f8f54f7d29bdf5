import type { Witness } from './evidence.ts';
import type { View } from './view.ts';

/**
 * The list of the kernel's own that decides: the deployer is on it. Others may be there from earlier knocks.
 *
 * @param list the addresses of both families that the kernel lets in now.
 */
export function expectListed({ family, source }: View, witness: Witness, list: readonly string[]): void {
  const listed = list.filter((address) => address.includes(':') === (family === 6));
  const others = listed.filter((address) => expand(address) !== expand(source));
  const known = others.length < listed.length;
  const seen = `${known ? source : 'not the knocker'}${others.length === 0 ? '' : `, and earlier ${others.join(', ')}`}`;
  witness.saw('addresses that the host lets in', `${source}, which knocked`, seen, known);
}

/** One spelling for each IPv6 address; the kernel prints all its zeros. */
function expand(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(':');
}
