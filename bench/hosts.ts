import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createVps } from '../lab/create.ts';
import { destroyVps } from '../lab/destroy.ts';
import type { LabVps } from '../lab/vps.ts';

/** The key that the bench logs in with. */
export interface LoginKey {
  /** Path of the private key. */
  readonly file: string;
  readonly publicKey: string;
}

/** Makes a login key in a folder. */
export async function makeKey(folder: string): Promise<LoginKey> {
  const file = join(folder, 'id_ed25519');
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', file]);
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
}

/** What a run works on: booted hosts that nobody has touched, and how to log in to them. */
export interface Arena {
  readonly hosts: readonly LabVps[];
  readonly key: LoginKey;
  /** A folder for the run's own files. */
  readonly folder: string;
}

let made = 0;

/** Runs `use` with fresh, booted hosts and destroys them, whatever `use` does. */
export async function withHosts<T>(
  owner: string,
  { publicKey }: LoginKey,
  count: number,
  use: (hosts: LabVps[]) => Promise<T>,
): Promise<T> {
  const ids = Array.from({ length: count }, () => {
    made += 1;
    return { owner, name: `bench-${made}` };
  });
  try {
    return await use(await Promise.all(ids.map((id) => createVps({ ...id, authorizedKeys: [publicKey] }))));
  } finally {
    await Promise.all(ids.map(destroyVps));
  }
}

/** known_hosts(5) with the hosts' real keys: no contender has to trust what it meets first. */
export function knownHosts(hosts: readonly LabVps[]): string {
  return hosts.flatMap(({ address, hostKeys }) => hostKeys.map((key) => `${address} ${key}\n`)).join('');
}
