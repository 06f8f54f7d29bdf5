import { backendOf } from '../../firewall/backends.ts';
import { KNOCK_FILE } from '../../firewall/nftables.ts';
import type { KnockEngine } from '../engine.ts';
import { knockTable } from './nft.ts';
import { knockChains } from './recent.ts';

const CHAIN_FILES = { 4: '/etc/postern/knock.v4', 6: '/etc/postern/knock.v6' } as const;

/**
 * No daemon: the kernel's firewall itself counts the knocks, with sets of nftables or lists of iptables, whichever the
 * firewall is made of. The firewall's programs on the host load the file, where there is one, along with their own.
 */
export const kernel: KnockEngine = {
  packages: [],
  ipv6: true,
  units: [],
  paths: [KNOCK_FILE, ...Object.values(CHAIN_FILES)],
  files: (posture, sequences) => {
    switch (backendOf(posture.firewall.backend).mechanism) {
      case 'nftables':
        return { [KNOCK_FILE]: knockTable(posture, sequences) };
      case 'iptables':
        return {
          [CHAIN_FILES[4]]: knockChains(posture, sequences, 4),
          [CHAIN_FILES[6]]: knockChains(posture, sequences, 6),
        };
    }
  },
  decoys: () => [],
  review: () => ({}),
};
