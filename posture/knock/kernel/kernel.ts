import type { KnockEngine } from '../engine.ts';
import { KNOCK_RULE_FILES, knockRules } from '../firewall-rules.ts';
import { knockTable } from './nft.ts';
import { knockChains } from './recent.ts';

/**
 * No daemon: the kernel's firewall itself counts the knocks, with sets of nftables or lists of iptables, whichever the
 * firewall is made of. The firewall's programs on the host load the file, where there is one, along with their own.
 */
export const kernel: KnockEngine = {
  secret: 'sequence',
  unsupported: () => undefined,
  deafOverIpv6: () => undefined,
  needsInterface: false,
  openLatency: 300,
  opensInKernel: true,
  checksMayOverlap: false,
  clockTolerance: undefined,
  client: undefined,
  unit: 'postern-firewall',
  atWork: 'the kernel counts knocks',
  packages: [],
  units: [],
  paths: KNOCK_RULE_FILES,
  files: (posture, sequences) =>
    knockRules(posture, sequences, {
      table: () => knockTable(posture, sequences),
      chains: (family) => knockChains(posture, sequences, family),
    }),
  decoys: () => [],
  review: () => ({}),
};
