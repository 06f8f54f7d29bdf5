import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot, waitForSsh } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp, type TcpState } from '../../remote/probe.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { freshVps, ssh } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { inside, jobFor } from './fixture.ts';
import { cutPowerNow, installPackages, interrupted, type Moment, recorded } from './interrupt.ts';

const verify = { verify: { attempts: 2, rollbackSeconds: 60 } };

describe('a host that loses power while it is changed', () => {
  let vps: LabVps;
  let before: string[];
  beforeAll(async () => {
    vps = await freshVps();
    await installPackages(vps);
    // After a reboot, because the firewall's tables of the installation go with it.
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: 1 });
    before = await fingerprint(vps);
  });

  async function expectAsBefore(boots: number): Promise<void> {
    await waitForBoot(vps, { afterBoot: boots });
    await waitForSsh(vps);
    expect(await recorded(vps, 'phase')).toBe('undone');
    expect(await recorded(vps, 'errors')).toBe('');
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
    expect((await inside(vps, 'systemctl --failed --no-legend')).trim()).toBe('');
  }

  const moments: [Moment, number][] = [
    ['armed', 0],
    ['armed', 1000],
    ['the candidate is proven', 700],
    ['switched', 0],
    ['switched', 1500],
    ['proven', 0],
  ];
  const tried = LONG ? moments : moments.filter(([moment, delay]) => delay === 0 && moment !== 'armed');
  it.each(tried)('comes up as before: %s, %i ms later', async (moment, delay) => {
    const boots = await bootCount(vps);
    const cut = async () => {
      if (delay > 0) await sleep(delay);
      cutPowerNow(vps);
    };
    const { error } = await interrupted(await jobFor(vps, verify), moment, cut);
    expect(error?.message).toContain('rolled the change back and is as it was');
    await expectAsBefore(boots);
  });

  it('comes up as before when it is rebooted in order', async () => {
    const boots = await bootCount(vps);
    const reboot = () => inside(vps, 'systemctl reboot').catch(() => {});
    const { error } = await interrupted(await jobFor(vps, verify), 'switched', reboot);
    await expectAsBefore(boots);
    expect(error?.message).toContain('rolled the change back and is as it was');
  });
});

describe('a host that has committed', () => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps);
    sealed = { ...job, hostKeys: vps.hostKeys, verifiedV6: true };
  });

  it('comes up sealed when it loses power before it was sealed', async () => {
    const { error } = await interrupted(job, 'committed', () => cutPowerNow(vps));
    expect(error?.message).toContain('had already committed the change and keeps it');
    await waitForBoot(vps, { afterBoot: 1 });
    await expect.poll(() => recorded(vps, 'phase'), { timeout: 40_000 }).toBe('sealed');
    expect(await inside(vps, 'ss -Hltn "sport = :2222"; ls /etc/ssh | grep backup || :')).toBe('');
    expect(await knockedOpen(vps, job)).toBe(true);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('is closed from the first moment of a boot, and its door opens', async () => {
    const seen: TcpState[] = [];
    // Whoever was let in before.
    await inside(vps, 'echo / >/proc/net/xt_recent/postern4; echo / >/proc/net/xt_recent/postern6');
    const boots = await bootCount(vps);
    let booted = false;
    const watch = async (address: string, port: number) => {
      while (!booted) seen.push((await probeTcp({ address, port, timeoutMilliseconds: 100 })).state);
    };
    cutPowerNow(vps);
    const watches = [vps.address, vps.addressV6].flatMap((address) => [
      watch(address, 22),
      watch(address, 2222),
    ]);
    await waitForBoot(vps, { afterBoot: boots });
    booted = true;
    await Promise.all(watches);
    expect(seen.filter((state) => state === 'open')).toEqual([]);
    const begin = performance.now();
    expect(await knockedOpen(vps, job)).toBe(true);
    expect(performance.now() - begin).toBeLessThan(15_000);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  // The lab's network is there before the host boots, so a reset in the first instant says nothing; on a VPS it is not.
  it.each(['network-pre.target', 'ssh.service'])('puts its rules up before %s', async (unit) => {
    const order = await inside(vps, `systemctl show -p After --value ${unit}`);
    expect(order).toContain('postern-firewall.service');
    expect(order).toContain('ufw.service');
  });
});
