import { describe, expect, it } from 'vitest';
import { ping } from '../../remote/ping.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';

describe('the held door of a sealed host', () => {
  it('opens and closes on Debian 11, whose knockd cannot write to most of /etc', async () => {
    const vps = await freshVps({ release: 'bullseye' });
    const job = await jobFor(vps, { knock: { door: 'held' } });
    await hardened(job);
    expect(await knockedOpen(vps, job)).toBe(true);
    await expect
      .poll(() => knocked(vps, job, job.sequences.close ?? [], 'silent'), { timeout: 30_000 })
      .toBe(true);
  });

  it('stays open for the knocker until the closing knock, over a reboot too', async () => {
    const vps = await freshVps();
    const job = await jobFor(vps, { knock: { door: 'held' }, firewall: { icmpEcho: true } });
    await hardened(job);
    expect(await front(vps, job)).toBe('silent');
    expect(await ping(vps.address)).toBe('answered');
    expect(await knockedOpen(vps, job)).toBe(true);
    expect(await front(vps, job, { sourceAddress: vps.otherClients[0] })).toBe('silent');
    await inside(vps, 'systemctl reboot').catch(() => {});
    await expect.poll(() => front(vps, job), { timeout: 30_000 }).not.toBe('open');
    await expect.poll(() => front(vps, job), { timeout: 30_000 }).toBe('open');
    expect(await front(vps, job, { sourceAddress: vps.otherClients[0] })).toBe('silent');
    await expect
      .poll(() => knocked(vps, job, job.sequences.close ?? [], 'silent'), { timeout: 30_000 })
      .toBe(true);
  });
});
