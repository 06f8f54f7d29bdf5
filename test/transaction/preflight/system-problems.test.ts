import { describe, expect, it } from 'vitest';
import { type Facts, parseFacts } from '../../../transaction/facts/facts.ts';
import { systemProblems, untestedSystem } from '../../../transaction/preflight/system-problems.ts';
import { fact, postureWith } from '../../posture/fixture.ts';

const debian = postureWith();
const rhel = postureWith({ system: 'rhel' });
const ROCKY = fact('rocky-9.txt');

/** The facts of Rocky Linux 9 with some lines others. */
function rocky(changes: Record<string, string> = {}): Facts {
  const lines = Object.entries(changes).map(([key, value]) => `${key}=${value}\n`);
  return parseFacts(lines.join('') + ROCKY);
}

const bookworm = parseFacts('os=debian\nversion=12\ntool=apt-get\n');

describe('a host of RHEL’s family', () => {
  it('is refused in one sentence where the configuration takes it for Debian', () => {
    expect(systemProblems(rocky(), debian)).toEqual([
      expect.stringMatching(
        /^the system is rocky 9\.4, of RHEL's family,.*never|no change was ever run.*set system: rhel for this host$/,
      ),
    ]);
  });

  it('is taken where the configuration says so, with a warning that nobody has tried', () => {
    expect(systemProblems(rocky(), rhel)).toEqual([]);
    expect(systemProblems(rocky({ sshd_options: 'OPTIONS=-u0' }), rhel)).toEqual([]);
    expect(untestedSystem(rhel)).toContain('have its console at hand');
    expect(untestedSystem(debian)).toBeUndefined();
  });

  it.each([
    [{ version: '8.10' }, 'there are paths for 9 and 10'],
    [{ fips: '1' }, 'FIPS mode'],
    [{ sshd_options: 'OPTIONS=-p 2022' }, 'gives sshd OPTIONS=-p 2022 on its command line'],
    [{ os: 'fedora', os_like: '' }, 'leave that out'],
  ])('is refused with %o', (changes, reason) => {
    expect(systemProblems(rocky(changes), rhel)).toEqual([expect.stringContaining(reason)]);
  });

  it('is what the configuration says, or nothing is done', () => {
    expect(systemProblems(bookworm, rhel)).toEqual([expect.stringContaining('the system is debian 12')]);
    expect(systemProblems(bookworm, debian)).toEqual([]);
    expect(systemProblems(parseFacts('os=ubuntu\nversion=24.04\n'), debian)).toEqual([
      'the system is ubuntu 24.04; Debian 11, 12, 13 are supported',
    ]);
  });
});
