import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { knownHosts } from '../hosts.ts';
import type { Contender } from './contender.ts';
import { PEER_SEQUENCES, PEERS } from './peers.ts';

const UNPACK_AND_RUN = 'd=$(mktemp -d) && tar -x -C "$d" && sh "$d/script/harden.sh"';

/** One POSIX shell script and its files over one ssh for each host, all at once: the practical lower bound. */
export const script: Contender = {
  name: 'script',

  async prepare({ hosts, key, folder }) {
    const known = join(folder, 'known_hosts');
    writeFileSync(known, knownHosts(hosts));
    const { stdout } = await promisify(execFile)('tar', ['-c', '-C', PEERS, 'files', 'script'], {
      encoding: 'buffer',
    });
    const options = [`UserKnownHostsFile=${known}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes'];
    const ssh = ['ssh', '-F', 'none', '-T', '-i', key.file, ...options.flatMap((option) => ['-o', option])];
    return {
      commands: hosts.map(({ address, user }) => ({
        argv: [...ssh, `${user}@${address}`, UNPACK_AND_RUN],
        stdin: stdout,
      })),
      sequencesOf: async () => PEER_SEQUENCES,
    };
  },
};
