import { expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { sshdProblems, sshdWarnings } from '../../../transaction/preflight/sshd-problems.ts';
import { DEBIAN_12, postureWith } from '../../posture/fixture.ts';

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

it('says that any user of the host may take a front port above 1023, and of the others nothing', () => {
  expect(sshdWarnings(facts, postureWith({ ssh: { port: 1024 } }))).toEqual([
    expect.stringMatching(/^any user of the host may listen on ssh\.port 1024 .* take a port below 1024$/),
  ]);
  expect(sshdWarnings(facts, postureWith({ ssh: { port: 1023 } }))).toEqual([]);
});
