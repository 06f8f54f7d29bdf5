import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import type { Job } from '../../transaction/job.ts';
import { withVps } from '../lab/fixture.ts';
import { hardened, jobFor, remembered } from './fixture.ts';
import { installPackages } from './interrupt.ts';
import { measured } from './measured.ts';

/** A change of a sealed host, from which nothing else differs but the sequences. */
async function changing(vps: LabVps): Promise<Job> {
  await installPackages(vps);
  const job = await jobFor(vps);
  return jobFor(vps, {}, remembered(job, await hardened(job)));
}

describe.concurrent('a change whose owner has another tool at work', () => {
  it('goes on while the same machine measures the host again and again', async () => {
    await withVps(async (vps) => {
      const job = await changing(vps);
      let measuring = true;
      let count = 0;
      const status = (async () => {
        while (measuring) {
          const { sequences } = job;
          await measured(vps, job.posture, { ...sequences, openSeconds: 30 });
          count += 1;
          await sleep(50);
        }
      })();
      const { evidence } = await hardened(job).finally(() => {
        measuring = false;
      });
      await status;
      expect(count).toBeGreaterThan(1);
      // Not even disturbed.
      expect(JSON.stringify(evidence)).not.toContain('of the proof');
    });
  });

  it('is proven again where somebody knocks who takes no turns with it', async () => {
    await withVps(async (vps) => {
      const job = await changing(vps);
      let knocking: Promise<void> | undefined;
      const knock = async () => {
        const end = performance.now() + 2000;
        while (performance.now() < end) await localVantage().knock(vps.address, job.sequences.open, 5);
      };
      const { evidence } = await hardened(job, (text) => {
        if (text.startsWith('verifying')) knocking = knock();
      });
      await knocking;
      expect(evidence.at(-1)?.seen).toMatch(/^silent/);
    });
  });
});
