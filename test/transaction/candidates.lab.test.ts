import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { type Candidate, unproven, type Wanted, withWanted } from '../../posture/candidates.ts';
import { makeHostKeys } from '../../provider/host-keys/host-keys.ts';
import { toBase32 } from '../../remote/ssh/totp.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { makeIdentity, ssh, withVps } from '../lab/fixture.ts';
import { hardened, jobFor, remembered, type Sections } from './fixture.ts';
import { recorded } from './interrupt.ts';
import { killedDeployer } from './killed-deployer.ts';

/** What the engine's state holds of a host: the ways in that were written down, and what was proven last. */
class State {
  readonly vps: LabVps;
  #known: readonly Candidate[] = [];
  #proven: { readonly previous: Previous; readonly candidate: string } | undefined;

  constructor(vps: LabVps) {
    this.vps = vps;
  }

  /** A change that is written down and not yet begun. */
  async wish(sections: Sections, more: Partial<Job> = {}): Promise<Job> {
    const job = { ...(await jobFor(this.vps, sections, this.#proven?.previous)), ...more };
    this.#known = withWanted(this.#known, wantedBy(job), randomBytes(4).toString('hex'));
    return { ...job, candidates: unproven(this.#known, this.#proven?.candidate) };
  }

  /** Changes the host and remembers what was proven. @returns by which way it was come in, and the job. */
  async change(sections: Sections, more: Partial<Job> = {}): Promise<{ entered: string; job: Job }> {
    const job = await this.wish(sections, more);
    let entered = '';
    const sealed = await hardened(job, (text) => {
      if (text.startsWith('logged in by')) entered ||= text;
    });
    const candidate = this.#known[0]?.id ?? '';
    this.#proven = { previous: { ...remembered(job, sealed), identity: job.identity }, candidate };
    return { entered, job };
  }

  get previous(): Previous {
    if (this.#proven === undefined) throw new Error('nothing was proven');
    return this.#proven.previous;
  }
}

function wantedBy({ posture, sequences, totp, newHostKeys, identity }: Job): Wanted {
  const { port } = posture.ssh;
  const door = { port, user: posture.admin.user, ...sequences, identity };
  return { ...door, totp, hostKeys: newHostKeys?.publicKeys };
}

async function withState(use: (state: State) => Promise<void>): Promise<void> {
  await withVps((vps) => use(new State(vps)));
}

describe.concurrent('a deployer that was killed before it could remember what it had brought into force', () => {
  it('comes in with new host keys, though the next change brings others again', async () => {
    await withState(async (state) => {
      await state.change({});
      const keys = [await makeHostKeys(), await makeHostKeys()];
      const first = await state.wish({ ssh: { hostKeyGeneration: 1 } }, { newHostKeys: keys[0] });
      await killedDeployer(first, 'committed');
      expect(await recorded(state.vps, 'phase')).toBe('committed');
      const { job } = await state.change({ ssh: { hostKeyGeneration: 2 } }, { newHostKeys: keys[1] });
      expect(state.previous.hostKeys).toEqual(keys[1]?.publicKeys);
      expect(await inspect(job, state.previous, () => {})).toEqual([]);
    });
  });

  it('comes in with sequence, port, user and key of an attempt that is neither proven nor wanted', async () => {
    await withState(async (state) => {
      await state.change({});
      const other = await makeIdentity('other');
      const admin = { user: 'keeper', authorizedKeys: [other.publicKey] };
      const attempt = await state.wish({ ssh: { port: 2200 }, admin }, { identity: { file: other.file } });
      // Entered with the proven key, which the new one replaces in one go.
      await killedDeployer(attempt, 'committed');
      expect(await recorded(state.vps, 'phase')).toBe('committed');
      const { entered, job } = await state.change({ ssh: { port: 2300 } });
      expect(entered).toBe(
        'logged in by the knocked front door of an unfinished change, keeper on port 2200',
      );
      expect(await inspect(job, state.previous, () => {})).toEqual([]);
    });
  });

  it('comes in with the codes of an attempt that is neither proven nor wanted', async () => {
    await withState(async (state) => {
      const code = () => ({ totp: toBase32(randomBytes(20)) });
      const wish = { ssh: { secondFactor: 'totp' } };
      await state.change(wish, code());
      const { sequences } = state.previous;
      await killedDeployer(await state.wish(wish, { ...code(), sequences }), 'committed');
      const { entered } = await state.change(wish, { ...code(), sequences });
      expect(entered).toBe('logged in by the knocked front door of an unfinished change, ops on port 22');
    });
  });

  it('gives the host back although what is in force was never proven', async () => {
    await withState(async (state) => {
      await state.change({});
      const job = await state.wish({ ssh: { port: 2200 } });
      await killedDeployer(job, 'committed');
      const { posture, sequences } = state.previous;
      await restoreHost({ ...job, posture, sequences }, state.previous, () => {});
      expect((await ssh(state.vps, ['id', '-un'])).stdout).toBe('root\n');
    });
  });
});

describe('host keys that nobody would know', () => {
  it('are not brought into force: the change is refused, and names them', async () => {
    await withVps(async (vps) => {
      const { stdout } = await ssh(vps, [
        'cat',
        '/etc/ssh/ssh_host_ecdsa_key.pub',
        '/etc/ssh/ssh_host_ed25519_key.pub',
      ]);
      const [ecdsa = '', ed25519 = ''] = stdout
        .split('\n')
        .map((key) => key.split(' ').slice(0, 2).join(' '));
      const job = await jobFor(vps);
      const pinned = { ...job, initialAccess: { ...job.initialAccess, hostKeys: [ecdsa] } };
      await expect(hardened(pinned)).rejects.toThrow(ed25519);
      expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
    });
  });
});
