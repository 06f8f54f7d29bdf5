import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../bench/each-engine.ts';
import { knockThroughDisturbance } from '../../bench/lossy-network/knocks.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { LONG } from '../long.ts';
import { sealedVps } from '../transaction/fixture.ts';

/** What no engine is to be shut by, in packets a second; `npm run lossy-network -- --noise` measures how much more each bears. */
const BORNE = [
  { kind: 'spoofed', rate: 100 },
  { kind: 'first-port', rate: 100 },
  { kind: 'last-port', rate: 100 },
  { kind: 'stray', rate: 1000 },
  { kind: 'ra', rate: 2 },
] as const;

const FLOOD = [
  { kind: 'spoofed', rate: 1000 },
  { kind: 'first-port', rate: 20_000 },
] as const;

const engines = ENGINES.filter(({ engine, backend }) => LONG || engine !== 'kernel' || backend !== 'ufw');

describe.each(engines)('$engine on $backend opens for its owner', ({ engine, backend }) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    ({ vps, job } = await sealedVps({ knock: { engine }, firewall: { backend } }));
  });

  // The kernel hears every port and knows no daemon, so it bears a flood where a daemon does not.
  const all = [...BORNE, ...(engine === 'kernel' ? FLOOD : [])];
  const noises = LONG ? all : all.filter(({ kind, rate }) => rate <= 100 && kind !== 'last-port');
  it.each(noises)(
    'against $kind packets, $rate a second',
    async ({ kind, rate }) => {
      const knocks = 4;
      const result = await knockThroughDisturbance({
        vps,
        job,
        knocks,
        tries: 1,
        disturbance: { kind, rate, seed: 1 },
      });
      expect(result).toMatchObject({ failed: 0 });
    },
    120_000,
  );
});
