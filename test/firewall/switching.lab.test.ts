import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { inspect } from '../../transaction/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { release } from '../../transaction/release.ts';
import { freshVps, ssh } from '../lab/fixture.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { scanTcp } from '../transaction/scan.ts';
import { shut } from './backends.ts';

/** The administrator stays, with a home but without keys. */
const administrator =
  /^[+-](passwd ops:|(file|dir|link) (\/home\/ops|\/etc\/(passwd|shadow|group|gshadow|subuid|subgid) ))/;

describe('a sealed host that gets another firewall', () => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  let untouched: string[];

  const to = (backend: string, knock: Record<string, unknown> = {}) =>
    jobFor(vps, { firewall: { backend }, knock }, sealed);

  beforeAll(async () => {
    vps = await freshVps();
    // With the packages there, whatever a change leaves behind shows.
    await inside(
      vps,
      `apt-get -q update && apt-get -q -y --no-install-recommends install ufw firewalld knockd
      systemctl -q disable --now firewalld.service`,
    );
    untouched = await fingerprint(vps);
    job = await jobFor(vps);
    sealed = remembered(job, await hardened(job));
  });

  // Every backend is left once for each of two others, and entered so.
  it.each(['firewalld', 'iptables', 'nftables', 'ufw', 'nftables', 'iptables', 'firewalld', 'ufw'])(
    'goes to %s in one change, and back exactly where that fails',
    async (backend) => {
      await shut(vps);
      const before = await fingerprint(vps);
      await expect(hardened(await to(backend, { interface: 'lo' }))).rejects.toThrow(
        'has undone the change and is as it was',
      );
      await shut(vps);
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      const next = await to(backend);
      sealed = remembered(next, await hardened(next));
      job = next;
      expect(await inspect(job, sealed, () => {})).toEqual([]);
      await shut(vps);
      for (const address of [vps.address, vps.addressV6]) {
        expect(await scanTcp(address), address).toEqual(['4002', '4003']);
        expect(await front(vps, job, { address })).toBe('silent');
        expect(await knockedOpen(vps, job, { address })).toBe(true);
      }
    },
  );

  it('is given back as it was before the first of them', async () => {
    await release(job, sealed, () => {});
    const left = difference(untouched, await fingerprint(vps));
    expect(left.filter((line) => !administrator.test(line))).toEqual([]);
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
  });
});
