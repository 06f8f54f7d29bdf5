import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { approaches } from '../../transaction/enter.ts';
import type { Job } from '../../transaction/job.ts';
import { postureWith, SEQUENCES } from '../posture/fixture.ts';

/** Whether the ways in say that nothing secret goes over them. */
function fleeting(secrets: Partial<Pick<Job, 'sequences' | 'totp'>>): boolean[] {
  const posture = postureWith({});
  const sealed = { posture, sequences: SEQUENCES, hostKeys: [], verifiedV6: false };
  const first = { address: '192.0.2.7', port: 22, user: 'root', hostKeys: [] };
  const job = { posture, sequences: SEQUENCES, first, identity: undefined, previous: sealed, ...secrets };
  return approaches(job).map((approach) => approach.fleeting);
}

describe('a way in', () => {
  it('is fleeting where nothing goes over it but ports that are knocked at', () => {
    expect(fleeting({})).toEqual([true, true, true]);
  });

  it('is not where a key goes over it, of the second factor or of single packets', () => {
    const packet: Sequence = [{ port: 20001, protocol: 'udp', spa: { key: 'a', hmacKey: 'b' } }];
    expect(fleeting({ totp: 'JBSWY3DPEHPK3PXP' })).toEqual([false, false, false]);
    expect(fleeting({ sequences: { open: packet, close: null } })).toEqual([false, false, false]);
    expect(fleeting({ sequences: { open: SEQUENCES.open, close: packet } })).toEqual([false, false, false]);
  });
});
