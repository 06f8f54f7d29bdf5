import { describe, expect, it } from 'vitest';
import { clientIdentity, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { replay } from './options.ts';
import { tryScenario } from './run.ts';
import { describeScenario, scenarioOf } from './scenario.ts';

/** Runs whose faults are over soon; `npm run chaos` makes as many as it is told to. */
const SEEDS = LONG ? [32, 35, 40, 55] : [32, 40];

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
