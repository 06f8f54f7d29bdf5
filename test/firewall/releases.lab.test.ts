import { describe, expect, it } from 'vitest';
import { RELEASES } from '../../lab/base.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Previous } from '../../transaction/job.ts';
import { withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { scanTcp } from '../transaction/scan.ts';
import { BACKENDS, listen, shut } from './backends.ts';

// knockd behind ufw on every release is in test/transaction/releases.lab.test.ts; every firewall and every engine on Debian
// 12 in the two contracts.
const cases = RELEASES.filter((release) => release !== 'bookworm')
  .flatMap((release) => BACKENDS.map(({ backend }) => ({ release, backend })))
  .filter(
    ({ release, backend }) =>
      LONG || (release === 'bullseye' ? ['firewalld'] : ['iptables', 'nftables']).includes(backend),
  );

describe.each(cases)('$backend on $release', ({ release, backend }) => {
  it('is sealed with each knock engine, shows its ports and nothing else, and opens for a knock', async () => {
    await withVps(
      async (vps) => {
        await listen(vps, [4002, 9998]);
        let previous: Previous | undefined;
        for (const engine of backend === 'ufw' ? ['kernel'] : ['knockd', 'kernel']) {
          const job = await jobFor(vps, { firewall: { backend, api: null }, knock: { engine } }, previous);
          const sealed = remembered(job, await hardened(job));
          previous = sealed;
          expect(sealed.verifiedV6).toBe(true);
          expect(await inspect(job, sealed, () => {})).toEqual([]);
          await shut(vps);
          for (const address of [vps.addressV6, vps.address])
            expect(await scanTcp(address), address).toEqual(['4002']);
          // knockd of Debian 11 hears nothing over IPv6.
          const hears = engine === 'kernel' || release !== 'bullseye';
          expect(await knockedOpen(vps, job, { address: vps.addressV6 })).toBe(hears);
          expect(await knockedOpen(vps, job)).toBe(true);
          const { target } = frontDoorRoute(job, job, sealed.hostKeys);
          expect((await logInOnce(target, { argv: ['id', '-u'], timeoutSeconds: 20 })).stdout.trim()).toBe(
            '0',
          );
          await inside(vps, 'systemctl restart postern-firewall.service');
          if (backend === 'nftables') await inside(vps, 'systemctl restart nftables.service');
          await shut(vps);
          expect(await front(vps, job)).toBe('silent');
        }
      },
      { release },
    );
  });
});
