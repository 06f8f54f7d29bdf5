import { describe, expect, it } from 'vitest';
import { restoreHost } from '../../transaction/restore.ts';
import { bystanderOf } from '../chaos/bystander.ts';
import { sample } from '../chaos/sampler.ts';
import { withVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { interrupted } from './interrupt.ts';

const TABLES = 'nft list ruleset; iptables-save; ip6tables-save';

describe('the backup door, to anybody but the deployer', () => {
  it.each([
    ['nothing but nft', TABLES, ''],
    ['nothing but iptables', 'iptables-save; ip6tables-save', 'mv /usr/sbin/nft /usr/sbin/nft.away'],
  ])('is shut through a rollback, a change and a restore of a host with %s', async (_, list, lacking) => {
    await withVps(async (vps) => {
      await inside(vps, lacking);
      const sampler = sample(vps, await bystanderOf(vps), [2222]);
      const seen = async () => (await sampler.stop()).filter(({ state }) => state === 'open');
      try {
        const stop = new AbortController();
        await interrupted(await jobFor(vps), 'switched', async () => stop.abort(), stop.signal);
        expect(await inside(vps, list)).not.toMatch(/backup/i);
        const job = await jobFor(vps);
        const sealed = remembered(job, await hardened(job));
        expect(await inside(vps, list)).not.toMatch(/backup/i);
        await restoreHost({ ...job, previous: sealed }, sealed, () => {});
        expect(await inside(vps, list)).not.toMatch(/backup/i);
        expect(await seen()).toEqual([]);
      } finally {
        await sampler.stop();
      }
    });
  });
});
