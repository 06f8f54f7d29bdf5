import { expect, it } from 'vitest';
import { outputsOf } from '../../../cli/stack/deployment.ts';
import type { FoundHost } from '../../../cli/stack/fleet.ts';
import {
  ifKnockable,
  sameDoor,
  unfinishedDoors,
  unfinishedNote,
  unfinishedVariants,
} from '../../../cli/stack/unfinished.ts';
import type { Candidate } from '../../../posture/candidates.ts';
import { RemoteError } from '../../../remote/error.ts';
import { closingSequence, host, secretSequence } from '../fixture.ts';

function candidate(port: number, more: Partial<Candidate> = {}): Candidate {
  return { id: `c${port}`, port, user: 'ops', open: secretSequence, close: closingSequence, ...more };
}

function found(candidates: readonly Candidate[]): FoundHost {
  const knock = { open: secretSequence, close: closingSequence, openSeconds: 30 };
  const only = host('devnet-1', { sshPort: 22, user: 'ops' });
  return { stack: 'devnet', host: only, hosts: [only], knock, totp: undefined, candidates };
}

it('takes each change that was cut off for a host of its own, and none that is entered like another', () => {
  const totp = 'A'.repeat(32);
  const known = [
    candidate(22),
    candidate(2200),
    candidate(22, { user: 'keeper' }),
    candidate(2200),
    candidate(2200, { totp }),
  ];
  const all = unfinishedVariants(found(known)).map((each) => [each.host.sshPort, each.host.user, each.totp]);
  expect(all).toEqual([
    [2200, 'ops', undefined],
    [22, 'keeper', undefined],
    [2200, 'ops', totp],
  ]);
  expect(unfinishedVariants(found([]))).toEqual([]);
});

it('knocks at each door once, and logs in there as each that it may be', () => {
  const given = found([
    candidate(2200),
    candidate(22, { user: 'keeper' }),
    candidate(2200, { user: 'third' }),
  ]);
  expect(unfinishedDoors(given).map((each) => each.host.sshPort)).toEqual([2200]);
  const [late] = unfinishedDoors(given);
  const users = (variant: FoundHost) => sameDoor(variant, given).map((each) => each.host.user);
  expect(users(given)).toEqual(['ops', 'keeper']);
  expect(users(late ?? given)).toEqual(['ops', 'third']);
});

it('says that a change was cut off, and how to finish it, but no port of a sequence', () => {
  const given = found([candidate(2200)]);
  const [late] = unfinishedDoors(given);
  expect(unfinishedNote(given, given)).toBeUndefined();
  const note = unfinishedNote(late ?? given, given) ?? '';
  expect(note).toContain('(ops on port 2200)');
  expect(note).toContain('npm run up -- devnet');
  for (const { port } of secretSequence) expect(note).not.toContain(String(port));
});

it('knows of the engine’s state what was written down since the last proof', () => {
  const known = JSON.stringify([candidate(2300), candidate(2200), candidate(22)]);
  const posture = {
    host: 'devnet-1',
    admin: { user: 'ops' },
    ssh: { port: 22 },
    backup: { port: 2222 },
    firewall: { rules: [], icmpEcho: false },
    knock: { door: 'timed', openSeconds: 20 },
  };
  const state = (sealed: object) => ({
    deployment: {
      resources: [
        { type: 'postern:index:Candidates', outputs: { host: 'devnet-1', known } },
        {
          type: 'postern:index:Hardening',
          outputs: {
            posture,
            way: { address: '192.0.2.1' },
            sequences: { open: secretSequence, close: null },
            sealed: { sealedAt: '2026-01-01T00:00:00Z', hostKeys: [], evidence: '[]', ...sealed },
          },
        },
      ],
    },
  });
  const ports = (sealed: object) => {
    const { candidates } = outputsOf(state(sealed)) as { candidates: Record<string, Candidate[]> };
    return candidates['devnet-1']?.map(({ port }) => port);
  };
  expect(ports({ candidate: 'c2200' })).toEqual([2300]);
  expect(ports({ candidate: 'c2300' })).toEqual([]);
  // A state from before there were candidates.
  expect(ports({})).toEqual([2300, 2200, 22]);
});

it('counts a door whose packet this machine cannot make as one of which nothing is known', async () => {
  expect(await ifKnockable(async () => 'open')).toBe('open');
  const missing = async () => Promise.reject(new RemoteError('no-client', 'no client here'));
  expect(await ifKnockable(missing)).toBeUndefined();
  const local = async () => Promise.reject(new RemoteError('local', 'could not leave'));
  await expect(ifKnockable(local)).rejects.toThrow('could not leave');
});
