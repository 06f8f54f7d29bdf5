import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { scanAll } from '../exposure/scan.ts';
import { freshVps, ssh } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { hardenUnheard } from '../transaction/outage.ts';
import { shut } from './backends.ts';

/** The administrator stays, with a home but without keys. */
const administrator =
  /^[+-](passwd ops:|(file|dir|link) (\/home\/ops|\/etc\/(passwd|shadow|group|gshadow|subuid|subgid) ))/;

/** Those with a unit of their own, which has to start at boot or must not. */
const UNITS = ['ufw', 'firewalld'];

describe('a sealed host that gets another firewall', () => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  let untouched: string[];

  const to = (backend: string, sections: Record<string, unknown> = {}) =>
    jobFor(vps, { firewall: { backend }, ...sections }, sealed);

  const change = async (backend: string) => {
    const next = await to(backend);
    sealed = remembered(next, await hardened(next));
    job = next;
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    const enabled = `systemctl is-enabled postern-firewall ${UNITS.join(' ')} 2>/dev/null || :`;
    const starts = UNITS.map((unit) => (unit === backend ? 'enabled' : 'disabled'));
    expect((await inside(vps, enabled)).trim().split('\n')).toEqual(['enabled', ...starts]);
    await shut(vps);
    const scans = [
      { address: vps.address, source: vps.gateway, udp: [53] },
      { address: vps.addressV6, source: vps.gatewayV6, udp: [53] },
    ];
    for (const seen of await scanAll(scans)) expect(seen).toEqual(new Set(['tcp 4002', 'tcp 4003']));
    for (const address of [vps.address, vps.addressV6])
      expect(await knockedOpen(vps, job, { address })).toBe(true);
  };

  beforeAll(async () => {
    vps = await freshVps();
    // With the packages there, whatever a change leaves behind shows.
    await inside(
      vps,
      `apt-get -q update && apt-get -q -y --no-install-recommends install ufw firewalld knockd
      # Before it answers, it would be killed with half of its rules in force.
      firewall-cmd -q --state && systemctl -q disable --now firewalld.service`,
    );
    untouched = await fingerprint(vps);
    job = await jobFor(vps);
    sealed = remembered(job, await hardened(job));
  });

  it.each(['firewalld', 'iptables', 'nftables', 'ufw'])(
    'goes to %s in one change, and back exactly where that fails',
    async (backend) => {
      await shut(vps);
      if (!LONG && ['iptables', 'ufw'].includes(backend)) return change(backend);
      const before = await fingerprint(vps);
      const broken = await to(backend, { verify: { attempts: 1 } });
      expect(await hardenUnheard(vps, broken)).toMatch(
        /after the right sequence .*rolled the change back and is as it was/s,
      );
      await shut(vps);
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      await change(backend);
    },
  );

  // So each was left for two others, and entered from two.
  it.each(['nftables', 'iptables', 'firewalld', 'ufw'])('goes the other way round, to %s', change);

  it('is given back as it was before the first of them', async () => {
    await restoreHost(job, sealed, () => {});
    const left = difference(untouched, await fingerprint(vps));
    expect(left.filter((line) => !administrator.test(line))).toEqual([]);
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
  });
});
