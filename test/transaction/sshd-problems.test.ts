import { expect, it } from 'vitest';
import { parseFacts } from '../../transaction/facts.ts';
import { sshdProblems } from '../../transaction/sshd-problems.ts';
import { DEBIAN_12, postureWith } from '../posture/fixture.ts';

const INCLUDE = 'sshd_line=/etc/ssh/sshd_config:1:Include /etc/ssh/sshd_config.d/*.conf';
const facts = { ...parseFacts(`${INCLUDE}\nsshd_port=22\nsshd_port=2200\n`), known: DEBIAN_12 };

it.each([22, 2200])(
  'refuses a backup port, %i, that sshd itself listens on until the change is made',
  (port) => {
    const posture = postureWith({ ssh: { port: 2201 }, backup: { port } });
    expect(sshdProblems(facts, posture)).toEqual([
      expect.stringMatching(
        new RegExp(`^backup\\.port is ${port}, and the host's sshd listens there now.*take another`),
      ),
    ]);
  },
);

it('takes any other backup port', () => {
  expect(sshdProblems(facts, postureWith({ ssh: { port: 2201 } }))).toEqual([]);
  // Where sshd stays where it is.
  expect(sshdProblems(facts, postureWith({ ssh: { port: 22 } }))).toEqual([]);
});
