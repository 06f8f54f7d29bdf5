import { describe, expect, it } from 'vitest';
import type { Job } from '../../transaction/job.ts';
import { knownHostKeys, unknownHostKeys } from '../../transaction/known-host-keys.ts';
import { postureWith, SEQUENCES } from '../posture/fixture.ts';

const posture = postureWith({});
const first = { address: '192.0.2.7', port: 22, user: 'root', hostKeys: ['ssh-ed25519 first root@vps'] };
const previous = { posture, sequences: SEQUENCES, hostKeys: ['ssh-ed25519 proven'], verifiedV6: false };
const job: Job = {
  posture,
  sequences: SEQUENCES,
  initialAccess: first,
  identity: undefined,
  previous: undefined,
};
const keys = (name: string) => [`ssh-ed25519 ${name}`, `ssh-rsa ${name}`];

describe('the host keys that may be a host’s', () => {
  it('are those of the first way until others are proven', () => {
    expect(knownHostKeys(job)).toEqual(['ssh-ed25519 first']);
    // Replaced ones may be somebody else’s by now.
    expect(knownHostKeys({ ...job, previous })).toEqual(['ssh-ed25519 proven']);
  });

  it('are besides those of this change, of changes whose end was not seen, and those that are vouched for', () => {
    const candidate = { id: 'a', port: 22, user: 'ops', ...SEQUENCES, hostKeys: keys('attempt') };
    const all = knownHostKeys({
      ...job,
      previous,
      newHostKeys: { publicKeys: keys('wanted'), ed25519: '', rsa: '' },
      candidates: [candidate, { ...candidate, hostKeys: keys('wanted') }],
      acceptHostKeys: ['ssh-ed25519 vouched by hand'],
    });
    expect(all).toEqual(['ssh-ed25519 proven', ...keys('wanted'), ...keys('attempt'), 'ssh-ed25519 vouched']);
  });

  it('have to hold one of those that come into force', () => {
    expect(unknownHostKeys(job, ['ssh-rsa other', 'ssh-ed25519 first'])).toBeUndefined();
    expect(unknownHostKeys(job, ['ssh-rsa other', 'ssh-ed25519 another'])).toContain('ssh-ed25519 another');
  });
});
