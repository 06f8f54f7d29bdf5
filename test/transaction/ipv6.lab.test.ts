import { describe, expect, it } from 'vitest';
import { withVps } from '../lab/fixture.ts';
import { hardened, jobFor } from './fixture.ts';
import { killedDeployer } from './killed-deployer.ts';

/** Nothing is open without a knock, over IPv6 as little as over IPv4. */
const SHUT = { firewall: { p2p: null, api: null } };

describe('a sealed host that no state knows', () => {
  it('is verified over IPv6 all the same, though its first change was killed and nothing of it answers', async () => {
    await withVps(async (vps) => {
      const job = await jobFor(vps, SHUT);
      await killedDeployer(job, 'committed');
      const warned: string[] = [];
      const { verifiedV6, unverified, evidence } = await hardened(job, (text) => {
        if (text.includes('IPv6 is not verified')) warned.push(text);
      });
      expect({ verifiedV6, unverified, warned }).toEqual({ verifiedV6: true, unverified: [], warned: [] });
      const count = (family: string) => evidence.filter((each) => each.family === family).length;
      expect(count('ipv6')).toBeGreaterThan(10);
    });
  });
});
