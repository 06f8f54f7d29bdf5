import { describe, expect, it } from 'vitest';
import { RELEASES } from '../../lab/base.ts';
import { allBackends } from '../../posture/firewall/backends.ts';
import { inspect } from '../../transaction/inspect.ts';
import type { Previous } from '../../transaction/job.ts';
import { shut } from '../firewall/backends.ts';
import { withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { hardened, jobFor, remembered } from '../transaction/fixture.ts';

const BACKENDS = ['nftables', 'ufw', 'iptables', 'firewalld'] as const;

// Debian 12 has the whole contract.
describe.each(RELEASES.filter((release) => release !== 'bookworm'))('the kernel engine on %s', (release) => {
  it('counts knocks on every firewall, one after the other, over IPv4 and IPv6', async () => {
    expect(BACKENDS).toHaveLength(allBackends().length);
    await withVps(
      async (vps) => {
        let sealed: Previous | undefined;
        for (const backend of BACKENDS) {
          const job = await jobFor(vps, { knock: { engine: 'kernel' }, firewall: { backend } }, sealed);
          sealed = remembered(job, await hardened(job));
          expect(sealed.verifiedV6).toBe(true);
          await shut(vps);
          for (const address of [vps.address, vps.addressV6]) {
            expect(await front(vps, job, { address })).toBe('silent');
            expect(await knockedOpen(vps, job, { address }), `${backend}, ${address}`).toBe(true);
          }
          await shut(vps);
          expect(await inspect(job, sealed, () => {})).toEqual([]);
        }
      },
      { release },
    );
  }, 300_000);
});
