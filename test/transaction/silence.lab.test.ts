import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { installPackages, interrupted, type Moment, reaches, recorded } from './interrupt.ts';
import { killedDeployer } from './killed-deployer.ts';
import { dropTowards } from './outage.ts';

/** Seconds; the least that the configuration allows. */
const PATIENCE = 30;
const verify = { verify: { attempts: 2, rollbackSeconds: PATIENCE } };

/** The host takes the change back by itself, when its time is over and not before. */
async function expectUndoneInTime(vps: LabVps, before: readonly string[]): Promise<void> {
  const begin = performance.now();
  while ((await recorded(vps, 'phase')) === 'armed') await sleep(300);
  // The last word may have come up to a few seconds before the silence began.
  expect((performance.now() - begin) / 1000).toBeGreaterThan(PATIENCE - 8);
  expect((performance.now() - begin) / 1000).toBeLessThan(PATIENCE + 40);
  await reaches(vps, 'undone', 60);
  expect(await recorded(vps, 'reason')).toMatch(/^no word from .*@.* for 30 s \(verify\.rollbackSeconds\)$/);
  expect(await recorded(vps, 'errors')).toBe('');
  expect(difference(before, await fingerprint(vps))).toEqual([]);
  expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
}

/** A prepared host, what it looks like, and a job for it. */
async function withJob(use: (vps: LabVps, job: Job, before: string[]) => Promise<void>): Promise<void> {
  await withVps(async (vps) => {
    await installPackages(vps);
    await use(vps, await jobFor(vps, verify), await fingerprint(vps));
  });
}

describe.concurrent('a deployer that says nothing any more', () => {
  const deaths: [Moment, number][] = [
    ['armed', 0],
    ...(LONG ? ([['the candidate is proven', 500]] as [Moment, number][]) : []),
    ['switched', 0],
  ];
  it.each(deaths)('because it was killed: %s, %i ms later', async (moment, delay) => {
    await withJob(async (vps, job, before) => {
      await killedDeployer(job, moment, delay);
      await expectUndoneInTime(vps, before);
    });
  });

  it('because the network between is gone; when it is back, a change succeeds', async () => {
    await withJob(async (vps, job, before) => {
      let restore = async () => {};
      const cut = async () => {
        restore = await dropTowards(vps, '1-65535');
      };
      const change = interrupted(job, 'switched', cut);
      await reaches(vps, 'armed', 30);
      await reaches(vps, 'undone', 120);
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      await restore();
      const { error } = await change;
      expect(error?.message).toContain('rolled the change back and is as it was');
      expect((await hardened(await jobFor(vps))).sealedAt).toMatch(/Z$/);
    });
  });
});

describe('a deployer whose verification takes long', () => {
  it('is not taken for silent', async () => {
    await withJob(async (vps) => {
      const job = await jobFor(vps, { verify: { attempts: 20, rollbackSeconds: PATIENCE } });
      let end = Promise.resolve();
      const loseKnocks = async () => {
        const restore = await dropTowards(vps, '7000-32767');
        end = sleep((PATIENCE + 10) * 1000).then(restore);
      };
      const { error, sealed } = await interrupted(job, 'switched', loseKnocks);
      await end;
      expect(error).toBeUndefined();
      expect(JSON.stringify(sealed?.evidence)).toMatch(/open after \d+ knocks/);
    });
  });
});

describe('two deployers at once', () => {
  it('one makes its change, the other is told who is at work and for how long', async () => {
    await withJob(async (vps, job) => {
      const other = await jobFor(vps, verify);
      const results = await Promise.allSettled([hardened(job), hardened(other)]);
      const [lost] = results.filter((result) => result.status === 'rejected');
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect(lost?.reason.message).toMatch(
        /another change is under way on this host: \S+ by \S+@\S+, \d+ s left/,
      );
      expect(await recorded(vps, 'phase')).toBe('sealed');
    });
  });
});

describe('a deployer that is told to stop', () => {
  it.each(['armed', 'the candidate is proven', 'switched'] as const)('%s: leaves nothing', async (moment) => {
    await withJob(async (vps, job, before) => {
      const stop = new AbortController();
      const { error } = await interrupted(job, moment, () => stop.abort(), stop.signal);
      expect(error?.message).toContain('rolled the change back and is as it was');
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      expect(await inside(vps, 'ls /etc/systemd/system | grep postern || :')).toBe('');
    });
  });
});
