import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { freshVps, ssh } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { type Armed, armed, undone } from './armed.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { inside, jobFor } from './fixture.ts';
import { installPackages, recorded } from './interrupt.ts';

const KILL_POINT = readFileSync(join(import.meta.dirname, 'kill-point.sh'), 'utf8');

/** `count` moments spread over `seconds`, none of them round, so that each run hits other lines. */
const moments = (count: number, seconds: number) =>
  Array.from({ length: count }, (_, index) => ((index + Math.random()) * seconds) / count);

describe('a host whose agent is killed', () => {
  let vps: LabVps;
  let before: string[];
  beforeAll(async () => {
    vps = await freshVps();
    await installPackages(vps);
    before = await fingerprint(vps);
  });

  /** Up to the switch, which is left to the test. */
  async function ready(): Promise<Armed> {
    const change = await armed(await jobFor(vps));
    for (const verb of ['packages', 'backup', 'candidate']) await change.take(verb);
    return change;
  }

  /** The same, with its deployer gone. */
  async function abandoned(): Promise<void> {
    const change = await ready();
    await change.login.session.close();
  }

  async function killed(seconds: number, ...argv: string[]): Promise<string> {
    const argument = ['sh', '-c', KILL_POINT, 'kill-point', seconds.toFixed(3), ...argv];
    return (await execVps(vps, argument)).stdout.trim();
  }

  async function expectAsBefore(): Promise<void> {
    await undone(vps);
    expect(await recorded(vps, 'errors')).toBe('');
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
  }

  it('while it switches is as before once it was undone', async () => {
    const whole = await ready();
    const begin = performance.now();
    await whole.take('switch');
    const seconds = (performance.now() - begin) / 1000;
    await whole.login.session.close();
    await expectAsBefore();
    const ends: string[] = [];
    for (const moment of moments(LONG ? 8 : 4, seconds)) {
      const change = await ready();
      await change.login.session.close();
      ends.push(await killed(moment, 'switch', change.plan.id));
      await expectAsBefore();
    }
    expect(ends.filter((end) => end === 'killed').length).toBeGreaterThan(LONG ? 3 : 1);
  });

  it('while it undoes is as before once the undo ran again', async () => {
    const ends: string[] = [];
    for (const moment of moments(LONG ? 6 : 3, 2)) {
      const change = await ready();
      await change.take('switch');
      await change.login.session.close();
      await inside(vps, 'systemctl stop postern-undo.timer; echo test >/var/lib/postern/change/undo-now');
      ends.push(await killed(moment, 'expire'));
      await expectAsBefore();
    }
    expect(ends.filter((end) => end === 'killed').length).toBeGreaterThan(LONG ? 2 : 0);
  });

  it('at the very end of its undo, with everything back and not yet said, keeps no change waiting', async () => {
    await abandoned();
    await undone(vps);
    await inside(vps, 'sed -i s/^phase=undone/phase=undoing/ /var/lib/postern/record');
    await abandoned();
    await expectAsBefore();
  });

  it('does not keep the undo waiting when it hangs', async () => {
    await abandoned();
    // A step that never ends, with the lock.
    await inside(
      vps,
      'setsid flock /run/postern.lock sleep 600 >/dev/null 2>&1 & sleep 0.5; echo 1 >/var/lib/postern/deadline',
    );
    await expect.poll(() => recorded(vps, 'phase'), { timeout: 90_000, interval: 1000 }).toBe('undone');
    expect(difference(before, await fingerprint(vps))).toEqual([]);
  });

  it('keeps no lock of a useradd that was killed with it, and somebody else’s file of that kind', async () => {
    await abandoned();
    // A process number that the kernel never gives.
    await inside(
      vps,
      "printf '9999999\\0' >/etc/shadow.9999999; ln /etc/shadow.9999999 /etc/shadow.lock; echo mine >/etc/shadow.2024; echo 1 >/var/lib/postern/deadline",
    );
    await undone(vps);
    expect(await inside(vps, 'echo /etc/shadow.*; rm /etc/shadow.2024')).toBe('/etc/shadow.2024\n');
    await expectAsBefore();
  });

  it('leaves nothing of the administrator where the userdel of its undo was killed between two files', async () => {
    await abandoned();
    await inside(
      vps,
      "grep -c ^ops: /etc/gshadow /etc/subuid && sed -i '/^ops:/d' /etc/passwd /etc/group && rm -r /home/ops && echo 1 >/var/lib/postern/deadline",
    );
    await undone(vps);
    await expectAsBefore();
  });

  it('is undone when its deadline is further away than any that was given', async () => {
    await abandoned();
    await inside(vps, 'echo 99999999 >>/var/lib/postern/deadline');
    await expect.poll(() => recorded(vps, 'phase').catch(() => ''), { timeout: 30_000 }).toBe('undone');
    await expectAsBefore();
  });

  it('is undone when the record of its change cannot be read', async () => {
    const change = await ready();
    await change.take('switch');
    await change.login.session.close();
    await inside(vps, ': >/var/lib/postern/record');
    await expect.poll(() => recorded(vps, 'phase').catch(() => ''), { timeout: 30_000 }).toBe('undone');
    await expectAsBefore();
  });
});
