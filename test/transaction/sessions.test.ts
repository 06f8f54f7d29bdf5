import { expect, it } from 'vitest';
import { parseFacts } from '../../transaction/facts/facts.ts';
import { endingSessions, openSessions, sessionEvidence } from '../../transaction/sessions.ts';
import { postureWith } from '../posture/fixture.ts';

const ANSWER = `closed
session ended root 192.0.2.7:50122 pts/0 its account may not log in any more
session ended ops [2001:db8::7]:50123 notty its key was removed (SHA256:abc)
session open ops 192.0.2.8:50124 pts/1
2026-11-29T06:00:00Z`;

it('the sessions that a seal ended or left are in the evidence, and those that it left in what is not verified', () => {
  const evidence = sessionEvidence(ANSWER, 'now');
  expect(evidence.map(({ check, family, seen }) => [check, family, seen])).toEqual([
    ['session of root from 192.0.2.7:50122 (pts/0)', 'ipv4', 'ended: its account may not log in any more'],
    ['session of ops from [2001:db8::7]:50123', 'ipv6', 'ended: its key was removed (SHA256:abc)'],
    ['session of ops from 192.0.2.8:50124 (pts/1)', 'ipv4', expect.stringMatching(/^open/)],
  ]);
  expect(openSessions(evidence)).toEqual([
    expect.stringContaining('session of ops from 192.0.2.8:50124 (pts/1)'),
  ]);
  expect(sessionEvidence('closed\n2026-11-29T06:00:00Z')).toEqual([]);
});

it('sessions that a seal would end are named before, those of the administrator are not', () => {
  const facts = (...lines: string[]) => parseFacts(lines.join('\n'));
  expect(endingSessions(facts('session=ops 22 192.0.2.7:5 pts/0'), postureWith())).toEqual([]);
  expect(
    endingSessions(
      facts('session=root 22 192.0.2.7:5 pts/0', 'session=git 22 192.0.2.8:6 notty'),
      postureWith(),
    ),
  ).toEqual([expect.stringContaining('root from 192.0.2.7:5 (pts/0), git from 192.0.2.8:6;')]);
});
