import type { Release } from '../../lab/base.ts';
import type { LabVps } from '../../lab/vps.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { LoginKey } from '../hosts.ts';
import { type SealedHost, withSealed } from '../sealed-host.ts';

/** What is to be scored. */
export interface Candidate {
  readonly release: Release;
  readonly owner: string;
  readonly key: LoginKey;
  /** The section `ssh`; all else is default, but for a door that stays open for two minutes a knock. */
  readonly ssh: Readonly<Record<string, unknown>>;
}

/** Seals a fresh lab host, and destroys it after `use`. */
export async function withCandidate<T>(
  { release, owner, key, ssh }: Candidate,
  use: (host: SealedHost) => Promise<T>,
): Promise<T> {
  const sections = { ssh, knock: { openSeconds: 120 } };
  return withSealed({ owner, name: `scorecard-${release}`, release, key, sections }, use);
}

/** Opens the door of a sealed host for this machine. */
export async function openHostDoor({ vps, job }: SealedHost): Promise<LabVps> {
  const { port } = job.posture.ssh;
  for (let attempt = 0; attempt < 5; attempt++) {
    await sendKnocks({ address: vps.address, sequence: job.sequences.open });
    const { state } = await probeTcp({ address: vps.address, port, timeoutMilliseconds: 2000 });
    if (state === 'open') return vps;
  }
  throw new Error(`the door of ${vps.name} does not open`);
}
