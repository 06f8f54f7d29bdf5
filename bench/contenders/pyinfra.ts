import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownHosts } from '../hosts.ts';
import type { Contender } from './contender.ts';
import { PEER_SEQUENCES, PEERS } from './peers.ts';

/** A pyinfra deploy. @param installed the folder of its installation. */
export function pyinfra(installed: string): Contender {
  return {
    name: 'pyinfra',

    async prepare({ hosts, key, folder }) {
      const known = join(folder, 'known_hosts');
      writeFileSync(known, knownHosts(hosts));
      const data = {
        ssh_user: 'root',
        ssh_key: key.file,
        ssh_known_hosts_file: known,
        ssh_strict_host_key_checking: 'yes',
      };
      // JSON of strings is Python as well.
      const entries = hosts.map(({ address }) => `(${JSON.stringify(address)}, ${JSON.stringify(data)})`);
      const inventory = join(folder, 'inventory.py');
      writeFileSync(inventory, `hosts = [${entries.join(', ')}]\n`);
      const argv = [
        join(installed, 'venv/bin/pyinfra'),
        '-y',
        inventory,
        'pyinfra/deploy.py',
        '--chdir',
        PEERS,
      ];
      return { commands: [{ argv }], sequencesOf: async () => PEER_SEQUENCES };
    },
  };
}
