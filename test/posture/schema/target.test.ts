import { expect, it } from 'vitest';
import { DEFAULT_RELEASE, RELEASES } from '../../../lab/base.ts';
import { LabTarget } from '../../../posture/schema/target.ts';

it('a lab host may have the releases that the lab has', () => {
  for (const release of RELEASES) expect(LabTarget.safeParse({ type: 'lab', release }).success).toBe(true);
  expect(LabTarget.safeParse({ type: 'lab', release: 'potato' }).success).toBe(false);
  expect(LabTarget.parse({ type: 'lab' }).release).toBe(DEFAULT_RELEASE);
});
