import { shortest } from '../../remote/address.ts';
import type { EvidenceLog } from './evidence.ts';
import type { View } from './view.ts';

/**
 * The list of the kernel's own that decides: the deployer is on it. Others may be there from earlier knocks.
 *
 * @param list the addresses of both families that the kernel lets in now.
 */
export function expectListed({ family, source }: View, log: EvidenceLog, list: readonly string[]): void {
  const listed = list.filter((address) => address.includes(':') === (family === 6));
  const others = listed.filter((address) => shortest(address) !== shortest(source));
  const known = others.length < listed.length;
  const seen = `${known ? source : 'not the knocker'}${others.length === 0 ? '' : `, and earlier ${others.join(', ')}`}`;
  log.record('addresses that the host lets in', `${source}, which knocked`, seen, known);
}
