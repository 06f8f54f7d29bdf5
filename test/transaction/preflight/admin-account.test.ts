import { expect, it } from 'vitest';
import type { Session } from '../../../remote/ssh/session.ts';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import type { Previous } from '../../../transaction/job.ts';
import { foreignAccount, mayBecomeRoot } from '../../../transaction/preflight/admin-account.ts';
import { postureWith } from '../../posture/fixture.ts';

const first = { address: '192.0.2.1', port: 22, user: 'root', hostKeys: [] };
const DEFAULTS =
  'Matching Defaults entries for ops on host:\n    env_reset\n\nUser ops may run the following commands on host:\n';

/** A host where sudo answers so. */
function sudoSays(stdout: string, code = 0): Session {
  return { run: async () => ({ code, stdout, stderr: '', signal: undefined }) } as unknown as Session;
}

/** A host where sudo refuses the account, and that says so of who is behind it. */
function refusedAnd(behind: string): Session {
  const run = async ({ script }: { script?: string }) => ({
    code: 0,
    stdout: script === undefined ? 'User ops is not allowed to run sudo on host.\n' : behind,
  });
  return { run } as unknown as Session;
}

const there = parseFacts('account=ops:/home/ops:/bin/bash\n');
const job = { posture: postureWith(), previous: undefined, initialAccess: first };

it('an account of the administrator’s name that may not become root is refused by name', async () => {
  const refusal = await foreignAccount(
    sudoSays('User ops is not allowed to run sudo on host.\n'),
    there,
    job,
  );
  expect(refusal).toEqual([
    expect.stringMatching(/^there is an account ops \(home \/home\/ops\) .*admin\.takeOver: true$/),
  ]);
  // Without sudo nobody may.
  expect(await foreignAccount(sudoSays('', 127), there, job)).toHaveLength(1);
});

it('is taken where the configuration says so, where it is an administrator already, and where there is none', async () => {
  const no = sudoSays('User ops is not allowed to run sudo on host.\n');
  const posture = postureWith({ admin: { ...postureWith().admin, takeOver: true } });
  expect(await foreignAccount(no, there, { ...job, posture })).toEqual([]);
  expect(await foreignAccount(no, parseFacts('account=other:/home/other:/bin/sh\n'), job)).toEqual([]);
  expect(await foreignAccount(no, there, { ...job, initialAccess: { ...first, user: 'ops' } })).toEqual([]);
  const previous = { posture: postureWith() } as Previous;
  expect(await foreignAccount(no, there, { ...job, previous })).toEqual([]);
  expect(await foreignAccount(sudoSays(`${DEFAULTS}    (ALL : ALL) ALL\n`), there, job)).toEqual([]);
});

it('is taken if nobody is behind it, as on a host that was given back', async () => {
  expect(await foreignAccount(refusedAnd(''), there, job)).toEqual([]);
  expect(await foreignAccount(refusedAnd('it has a password\n'), there, job)).toHaveLength(1);
});

it('reads what sudo lists', () => {
  for (const rule of [
    '(ALL : ALL) ALL',
    '(ALL) NOPASSWD: ALL',
    '(root) ALL',
    '(ALL : ALL) NOPASSWD: SETENV: ALL',
  ])
    expect(mayBecomeRoot(`${DEFAULTS}    ${rule}\n`), rule).toBe(true);
  for (const rule of ['(root) NOPASSWD: /usr/bin/apt', '(www-data) ALL', '(ALL : ALL) /bin/ls, ALL_OF_IT'])
    expect(mayBecomeRoot(`${DEFAULTS}    ${rule}\n`), rule).toBe(false);
});
