import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { withVps } from '../lab/fixture.ts';
import { knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor } from '../transaction/fixture.ts';

it('starts knockd anew for an address that stays, and not for those that come and go', async () => {
  await withVps(async (vps) => {
    const job = await jobFor(vps, { firewall: { backend: 'nftables' } });
    await hardened(job);
    const started = () => inside(vps, 'systemctl show -p ExecMainStartTimestampMonotonic knockd.service');
    const begin = await started();
    await inside(
      vps,
      'for n in $(seq 101 115); do ip addr add fdba:$n::1/64 dev eth0 nodad; sleep 0.3; ip addr del fdba:$n::1/64 dev eth0; done',
    );
    await sleep(3000);
    expect(await started()).toBe(begin);

    const staying = vps.addressV6.replace(/::2$/, '::77');
    await inside(vps, `ip addr add ${staying}/64 dev eth0 nodad`);
    await expect.poll(started, { timeout: 20_000, interval: 500 }).not.toBe(begin);
    expect(await knockedOpen(vps, job, { address: staying })).toBe(true);

    const known = await started();
    await inside(vps, `ip addr del ${staying}/64 dev eth0; ip addr add fdba:99::1/64 dev eth0 nodad`);
    // The second one within a minute has to wait, so that nobody keeps knockd starting.
    await sleep(10_000);
    expect(await started()).toBe(known);

    const other = vps.address.replace(/\.2$/, '.77');
    await inside(vps, `ip addr add ${other}/24 dev eth0`);
    await expect.poll(started, { timeout: 20_000, interval: 500 }).not.toBe(known);
    expect(await knockedOpen(vps, job, { address: other })).toBe(true);
  });
});
