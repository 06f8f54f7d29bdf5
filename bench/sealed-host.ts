import { randomInt } from 'node:crypto';
import type { Release } from '../lab/base.ts';
import { createVps } from '../lab/create.ts';
import { destroyVps } from '../lab/destroy.ts';
import type { LabVps } from '../lab/vps.ts';
import { singleOptions } from '../posture/knock/engines.ts';
import { makeSequences } from '../posture/knock/make.ts';
import { readStack } from '../posture/read-stack.ts';
import { makeHostKeys } from '../provider/host-keys/host-keys.ts';
import { harden } from '../transaction/harden.ts';
import type { Job } from '../transaction/job.ts';
import type { LoginKey } from './hosts.ts';

/** A lab host that was just sealed, and the change that did it. */
export interface SealedHost {
  readonly vps: LabVps;
  readonly job: Job;
}

/** What is to be sealed. */
export interface Wish {
  readonly owner: string;
  /** Of the host. */
  readonly name: string;
  /** Debian 12 by default. */
  readonly release?: Release;
  readonly key: LoginKey;
  /** Sections of a stack's configuration for devnet; all else is default. */
  readonly sections: Readonly<Record<string, unknown>>;
}

/** Seals a fresh lab host, and destroys it after `use`. */
export async function withSealed<T>(wish: Wish, use: (host: SealedHost) => Promise<T>): Promise<T> {
  const { release, owner, name, key } = wish;
  try {
    const made = release === undefined ? {} : { release };
    const vps = await createVps({ owner, name, ...made, authorizedKeys: [key.publicKey] });
    const job = await jobFor(vps, wish);
    await harden(job, () => {});
    return await use({ vps, job });
  } finally {
    await destroyVps({ owner, name });
  }
}

async function jobFor(
  { name, address, addressV6, port, user, hostKeys }: LabVps,
  { key, sections }: Wish,
): Promise<Job> {
  const raw = {
    network: 'devnet',
    hosts: [{ name }],
    admin: { authorizedKeys: [key.publicKey] },
    ...sections,
  };
  const host = readStack(raw, 'The configuration of this run', () => '').hosts[0];
  if (host === undefined) throw new Error('no host');
  const { posture, knock } = host;
  return {
    ...(posture.ssh.hostKeyGeneration === 0 ? {} : { newHostKeys: await makeHostKeys() }),
    posture,
    sequences: makeSequences(
      { knocks: knock.knocks, close: true, avoid: [], spa: singleOptions(knock) },
      (below) => randomInt(below),
    ),
    initialAccess: { address, addressV6, port, user, hostKeys },
    identity: { file: key.file },
    previous: undefined,
  };
}
