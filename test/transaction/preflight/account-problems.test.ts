import { expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { accountProblems, accountWarnings } from '../../../transaction/preflight/account-problems.ts';
import { sshdProblems } from '../../../transaction/preflight/sshd-problems.ts';
import { DEBIAN_12, postureWith } from '../../posture/fixture.ts';

const problems = (...lines: string[]) => accountProblems(parseFacts(lines.join('\n')), postureWith());
const warnings = (...lines: string[]) => accountWarnings(parseFacts(lines.join('\n')), postureWith(), 'root');

it.each(['/usr/sbin/nologin', '/bin/false'])('an administrator whose shell is %s is refused', (shell) => {
  expect(problems(`account=ops:/home/ops:${shell}`)).toEqual([
    expect.stringMatching(
      /^the shell of admin\.user ops is \S+, which ends every login; run usermod -s \/bin\/bash ops/,
    ),
  ]);
  expect(problems(`account=other:/home/other:${shell}`, 'account=ops:/home/ops:/bin/bash')).toEqual([]);
});

it('hours at which PAM refuses logins are refused, where they concern sshd', () => {
  const stack = 'pam=sshd:account required pam_time.so';
  expect(problems(stack, 'pam_time=login;*;!root;!Al0000-2400')).toEqual([]);
  expect(problems('pam_time=sshd;*;ops;Wk0900-1800')).toEqual([]);
  for (const rule of ['sshd;*;ops;Wk0900-1800', '*;*;*;Al0800-2000', 'login | sshd;*;*;Wk', '!login;*;*;Wk'])
    expect(problems(stack, `pam_time=${rule}`)).toEqual([expect.stringContaining(rule)]);
});

it('modules that may refuse the administrator one day are told of', () => {
  expect(warnings('pam=sshd:account required pam_access.so')).toEqual([]);
  expect(warnings('pam=sshd:account required pam_access.so', 'pam_access=-:ALL EXCEPT root:ALL')).toEqual([
    expect.stringContaining('/etc/security/access.conf'),
  ]);
  expect(warnings('pam=common-auth:auth required pam_faillock.so preauth', 'failures=ops')).toEqual([
    expect.stringContaining('pam_faillock is in'),
    expect.stringContaining('faillock --user ops --reset'),
  ]);
});

it('the account that a host is given back to is told of when it ends within a year', () => {
  const root = (aging: string) => warnings('today=20000', `aging=root:${aging}`);
  expect(root('19000:0:99999:7::')).toEqual([]);
  expect(root('19900:0:365:7::')).toEqual([expect.stringContaining('root, by which the host is reached')]);
  expect(root('19000:0:365:7::')[0]).toContain('has expired, on 2023-01-08');
  expect(root('19900:0::7::20100')[0]).toContain('expires on 2025-01-12');
  expect(root('0:0:99999:7::')[0]).toContain('must change its password');
});

it('a file that forbids logins is refused, but not that of a boot that is under way', () => {
  const said = (...lines: string[]) =>
    sshdProblems({ ...parseFacts(lines.join('\n')), known: DEBIAN_12 }, postureWith()).filter((problem) =>
      problem.includes('forbids logins'),
    );
  expect(said('nologin=/run/nologin', 'booted=running')).toEqual(['/run/nologin forbids logins; remove it']);
  expect(said('nologin=/etc/nologin', 'nologin=/run/nologin', 'booted=starting')).toEqual([
    '/etc/nologin forbids logins; remove it',
  ]);
});
