import { expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { secondsOff, unsynchronizedClock } from '../../../transaction/preflight/clock.ts';
import { postureWith } from '../../posture/fixture.ts';

const stopped = parseFacts(
  'unit_chrony.service=LoadState=loaded ActiveState=inactive UnitFileState=enabled ',
);
const kept = parseFacts('unit_chrony.service=LoadState=loaded ActiveState=active UnitFileState=enabled ');

it('a host that asks for codes is warned of when nothing keeps its clock right', () => {
  const posture = postureWith({ ssh: { secondFactor: 'totp' } });
  expect(unsynchronizedClock(posture, stopped)).toContain('once it is off by more than four minutes');
  expect(unsynchronizedClock(posture, kept)).toBeUndefined();
  const spa = postureWith({ knock: { engine: 'fwknop' } });
  expect(unsynchronizedClock(spa, stopped)).toContain('more than 2 minutes no packet of fwknop’s opens');
  expect(unsynchronizedClock(spa, kept)).toBeUndefined();
  expect(unsynchronizedClock(postureWith(), stopped)).toBeUndefined();
});

it.each([
  [100, 100_200, 100_900, 0],
  [99, 100_000, 100_100, 0],
  [90, 100_000, 100_100, -9],
  [160, 100_000, 100_100, 59],
])('a clock that says %i s between %i and %i ms is %i s off at least', (said, before, after, off) => {
  expect(secondsOff(said, before, after) + 0).toBe(off);
});
