import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownHosts } from '../hosts.ts';
import type { Contender } from './contender.ts';
import { PEER_SEQUENCES, PEERS } from './peers.ts';

/** An Ansible play, with pipelining and kept connections. @param installed the folder of its installation. */
export function ansible(installed: string): Contender {
  return {
    name: 'Ansible',

    async prepare({ hosts, key, folder }) {
      const known = join(folder, 'known_hosts');
      writeFileSync(known, knownHosts(hosts));
      const inventory = join(folder, 'inventory.ini');
      const lines = hosts.map(({ address }) => `${address} ansible_user=root`);
      writeFileSync(inventory, `${lines.join('\n')}\n`);
      return {
        commands: [
          {
            argv: [
              join(installed, 'venv/bin/ansible-playbook'),
              ...['-i', inventory, '--private-key', key.file, 'site.yml'],
            ],
            cwd: join(PEERS, 'ansible'),
            env: {
              ANSIBLE_CONFIG: join(PEERS, 'ansible/ansible.cfg'),
              ANSIBLE_COLLECTIONS_PATH: join(installed, 'collections'),
              ANSIBLE_HOME: join(folder, 'ansible'),
              ANSIBLE_SSH_ARGS: `-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes`,
              ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'ansible/cp'),
              LC_ALL: 'C.UTF-8',
            },
          },
        ],
        sequencesOf: async () => PEER_SEQUENCES,
      };
    },
  };
}
