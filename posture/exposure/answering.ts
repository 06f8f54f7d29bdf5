import { contains } from './contains.ts';
import type { Access, Exposure } from './exposure.ts';

/** Who looks at a host, and at what moment. */
export interface Onlooker {
  /** IP literal; its family decides which rows are looked at. */
  readonly source: string;
  /** It knocked over this family, and neither the time nor the closing knock has shut the door since. */
  readonly knocked?: boolean;
  /** The address that a change is being made from at this moment. Undefined: no change is under way. */
  readonly deployer?: string | undefined;
}

/** Whether a row of the table lets somebody in. What the host's own rules do (`unknown`) is never promised. */
export function admits(access: Access, { source, knocked = false, deployer }: Onlooker): boolean {
  switch (access.to) {
    case 'anywhere':
      return true;
    case 'networks':
      return access.networks.some((network) => contains(network, source));
    case 'knocker':
      return knocked;
    case 'deployer':
      return source === deployer;
    case 'link':
      return contains('fe80::/10', source);
    case 'unknown':
      return false;
  }
}

/** The rows that answer an onlooker; everything else is silent, unless the table has a row of access `unknown`. */
export function answering(table: readonly Exposure[], onlooker: Onlooker): Exposure[] {
  const family = onlooker.source.includes(':') ? 'ipv6' : 'ipv4';
  return table.filter((row) => row.family === family && admits(row.access, onlooker));
}
