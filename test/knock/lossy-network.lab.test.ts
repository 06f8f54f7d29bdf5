import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../bench/each-engine.ts';
import { knockThroughDisturbance } from '../../bench/lossy-network/knocks.ts';
import { BAD_LINE } from '../../bench/lossy-network/line.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { sealedVps } from '../transaction/fixture.ts';

describe.each(ENGINES)('$engine on $backend, over a bad line', ({ engine, backend }) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    ({ vps, job } = await sealedVps({ knock: { engine }, firewall: { backend } }));
  });

  it('opens for every knock', async () => {
    const knocks = 8;
    const result = await knockThroughDisturbance({ vps, job, knocks, disturbance: { ...BAD_LINE, seed: 1 } });
    expect(result.failed).toBe(0);
    expect(result.tries).toHaveLength(knocks);
  }, 240_000);

  it('opens for none where nothing gets through', async () => {
    const disturbance = { ...BAD_LINE, loss: 1, seed: 1 };
    const { failed } = await knockThroughDisturbance({ vps, job, knocks: 1, tries: 1, disturbance });
    expect(failed).toBe(1);
  }, 60_000);
});
