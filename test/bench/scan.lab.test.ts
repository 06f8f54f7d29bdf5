import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../bench/each-engine.ts';
import { runScans } from '../../bench/scan/scans.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { LONG } from '../long.ts';
import { inside, sealedVps } from '../transaction/fixture.ts';

// No scan can hit upon a single packet: `npm run scan` tries it.
const cases = ENGINES.filter(
  ({ engine, backend }) => engine !== 'fwknop' && (LONG || engine === 'knockd' || backend === 'nftables'),
);

/** Of all ports, TCP and UDP. */
const scans = LONG ? 3 : 1;

describe.each(cases)('random-order scans of all ports at $engine on $backend', ({ engine, backend }) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    ({ vps, job } = await sealedVps({ knock: { engine }, firewall: { backend } }));
  });

  it.each([4, 6] as const)('open nothing over IPv%i, and the right knock afterwards does', async (family) => {
    const result = await runScans({ vps, job, family, scans, seed: family });
    expect(result).toMatchObject({ scans, packets: scans * 131_070, opened: 0 });
    expect(result.knocksAfterwards).toBeLessThanOrEqual(2);
  });

  it('open nothing even where they happen to meet the knocks in the right order', async () => {
    expect(await runScans({ vps, job, family: 4, scans, seed: 1, lucky: true })).toMatchObject({
      opened: 0,
    });
  });

  if (engine === 'knockd')
    it('would open the door were it not for the decoys', async () => {
      await inside(
        vps,
        `sed -i '/^.postern-close/,$d' /etc/knockd.conf; systemctl restart knockd.service; sleep 1`,
      );
      expect(await runScans({ vps, job, family: 4, scans: 2, seed: 1, lucky: true })).toMatchObject({
        opened: 2,
      });
    });
});
