import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listIds, listOwners } from '../../lab/list.ts';
import { clientIdentity, withVps } from '../lab/fixture.ts';
import { replay } from './options.ts';
import { tryScenario } from './run.ts';
import { describeScenario, scenarioOf } from './scenario.ts';

/** Runs whose faults are over soon; `npm run chaos` makes as many as it is told to. */
const SEEDS = [32, 35, 40, 55];

describe.concurrent('a random fault', () => {
  it.each(SEEDS.map((seed) => ({ seed, words: describeScenario(scenarioOf(seed)) })))(
    'breaks no promise: $seed, $words',
    async ({ seed, words }) => {
      const scenario = scenarioOf(seed);
      const key = await clientIdentity();
      await withVps(
        async (vps) => {
          const { violations, story } = await tryScenario(vps, key, scenario);
          const told = [words, replay(seed, {}), ...violations, ...story].join('\n');
          expect(violations, told).toEqual([]);
        },
        { release: scenario.release, disk: { mebibytes: scenario.mebibytes } },
      );
    },
  );
});

it('that is stopped ends within half a minute, and leaves no host', async () => {
  // The fault would last three quarters of a minute.
  const program = [join(import.meta.dirname, 'main.ts'), '--runs', '1', '--seed', '2'];
  const child = spawn(process.execPath, program, { stdio: 'ignore' });
  const owners = async () => (await listOwners()).filter((owner) => owner.startsWith(`test-${child.pid}-`));
  const hosts = async () => (await Promise.all((await owners()).map(listIds))).flat();
  await expect.poll(hosts, { timeout: 60_000 }).toHaveLength(1);
  child.kill('SIGTERM');
  const begin = performance.now();
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(performance.now() - begin).toBeLessThan(30_000);
  expect(await hosts()).toEqual([]);
});
