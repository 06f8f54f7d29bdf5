import { randomInt } from 'node:crypto';
import type { Release } from '../../lab/base.ts';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import type { LabVps } from '../../lab/vps.ts';
import { generateSequences } from '../../posture/knock/generate.ts';
import { readStack } from '../../posture/read-stack.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp } from '../../remote/probe.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';
import type { LoginKey } from '../hosts.ts';

/** A lab host that was just sealed, and the change that did it. */
export interface SealedHost {
  readonly vps: LabVps;
  readonly job: Job;
}

/** What is to be sealed. */
export interface Wish {
  readonly release: Release;
  readonly owner: string;
  readonly key: LoginKey;
  /** The section `ssh`; all else is default, but for a door that stays open for two minutes a knock. */
  readonly ssh: Readonly<Record<string, unknown>>;
}

/** Seals a fresh lab host, and destroys it after `use`. */
export async function withSealed<T>(wish: Wish, use: (host: SealedHost) => Promise<T>): Promise<T> {
  const { release, owner, key } = wish;
  const id = { owner, name: `scorecard-${release}` };
  try {
    const vps = await createVps({ ...id, release, authorizedKeys: [key.publicKey] });
    const job = jobFor(vps, wish);
    await harden(job, () => {});
    return await use({ vps, job });
  } finally {
    await destroyVps(id);
  }
}

function jobFor({ name, address, addressV6, port, user, hostKeys }: LabVps, { key, ssh }: Wish): Job {
  const raw = {
    network: 'devnet',
    hosts: [{ name }],
    admin: { authorizedKeys: [key.publicKey] },
    ssh,
    knock: { openSeconds: 120 },
  };
  const host = readStack(raw, 'scorecard', () => '').hosts[0];
  if (host === undefined) throw new Error('no host');
  return {
    posture: host.posture,
    sequences: generateSequences({ knocks: 4, close: true, avoid: [] }, (below) => randomInt(below)),
    first: { address, addressV6, port, user, hostKeys },
    identity: { file: key.file },
    previous: undefined,
  };
}

/** Opens the door of a sealed host for this machine. */
export async function openDoor({ vps, job }: SealedHost): Promise<LabVps> {
  const { port } = job.posture.ssh;
  for (let attempt = 0; attempt < 5; attempt++) {
    await sendKnocks({ address: vps.address, sequence: job.sequences.open });
    const { state } = await probeTcp({ address: vps.address, port, timeoutMilliseconds: 2000 });
    if (state === 'open') return vps;
  }
  throw new Error(`the door of ${vps.name} does not open`);
}
