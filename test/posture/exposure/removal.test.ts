import { expect, it } from 'vitest';
import { describeRemoval } from '../../../posture/exposure/removal.ts';

it('says which port answers everybody again, and whose it is', () => {
  const target = {
    type: 'existing',
    address: '203.0.113.7',
    port: 2022,
    user: 'admin',
    hostKeys: [],
  } as const;
  const sentence = describeRemoval({ ...target, hostKeys: [] });
  expect(sentence).toContain('answers everybody on port 2022 again, without a knock');
  expect(sentence).toContain('admin logs in there');
});

it('says that a VPS of the stack’s own is deleted', () => {
  expect(describeRemoval({ type: 'lab', release: 'bookworm' })).toContain('deletes the VPS');
});
