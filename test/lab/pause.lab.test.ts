import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { pauseVps } from '../../lab/pause.ts';
import { waitForSsh } from '../../lab/ready.ts';
import { freshVps } from './fixture.ts';
import { indexOf, leftoversOf } from './leftovers.ts';

it('a paused host does nothing, its clock goes on, and it goes on where it was; it can be destroyed', async () => {
  const vps = await freshVps({ name: 'paused' });
  const index = (await indexOf(vps)) ?? '';
  const counting = execVps(vps, ['sh', '-c', 'for i in 1 2 3 4 5; do cat /proc/uptime; sleep 0.3; done']);
  await expect
    .poll(async () => (await execVps(vps, ['pgrep', '-x', 'sleep'])).code, { interval: 20 })
    .toBe(0);
  const resume = await pauseVps(vps);
  await sleep(3000);
  await resume();
  await waitForSsh(vps);
  const times = (await counting).stdout
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));
  expect(times).toHaveLength(5);
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  expect(Math.max(...gaps)).toBeGreaterThan(2.5);

  await pauseVps(vps);
  await destroyVps(vps);
  expect(await leftoversOf(vps, index)).toEqual([]);
});
