import { expect, it } from 'vitest';
import { unkeptClock } from '../../transaction/clock.ts';
import { parseFacts } from '../../transaction/facts.ts';
import { postureWith } from '../posture/fixture.ts';

const stopped = parseFacts(
  'unit_chrony.service=LoadState=loaded ActiveState=inactive UnitFileState=enabled ',
);
const kept = parseFacts('unit_chrony.service=LoadState=loaded ActiveState=active UnitFileState=enabled ');

it('a host that asks for codes is warned of when nothing keeps its clock right', () => {
  const posture = postureWith({ ssh: { secondFactor: 'totp' } });
  expect(unkeptClock(posture, stopped)).toContain('once it is off by more than four minutes');
  expect(unkeptClock(posture, kept)).toBeUndefined();
  const spa = postureWith({ knock: { engine: 'fwknop' } });
  expect(unkeptClock(spa, stopped)).toContain('more than 2 minutes no packet of fwknop’s opens');
  expect(unkeptClock(spa, kept)).toBeUndefined();
  expect(unkeptClock(postureWith(), stopped)).toBeUndefined();
});
