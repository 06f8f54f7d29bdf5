import { describe, expect, it } from 'vitest';
import { overriddenSettings } from '../../../posture/sshd/effective.ts';
import { sshdSettings } from '../../../posture/sshd/settings.ts';
import { DEBIAN_12, fact, postureWith } from '../fixture.ts';

const WANTED = sshdSettings(postureWith(), DEBIAN_12);
/** `sshd -T -C user=ops,…` of a Debian 12 VPS that has exactly these settings. */
const SEALED = fact('sshd-T-sealed-debian-12.txt');
const FRESH = fact('sshd-T-fresh-debian-12.txt');

function directives(effective: string): string[] {
  return overriddenSettings(WANTED, effective).map(({ directive }) => directive);
}

describe('what sshd makes of all its files', () => {
  it('is what was wanted on a host that has the settings', () => {
    expect(overriddenSettings(WANTED, SEALED)).toEqual([]);
  });

  it('is told apart directive by directive on a host without them', () => {
    expect(directives(FRESH)).toEqual(
      expect.arrayContaining(['PasswordAuthentication', 'PermitRootLogin', 'AllowUsers', 'KexAlgorithms']),
    );
    expect(directives(FRESH)).not.toContain('Port');
  });

  it.each([
    [
      'an earlier file that takes precedence',
      'passwordauthentication no',
      'passwordauthentication yes',
      'PasswordAuthentication',
    ],
    ['root let in', 'permitrootlogin no', 'permitrootlogin without-password', 'PermitRootLogin'],
    ['a second port', 'port 22', 'port 22\nport 2022', 'Port'],
    ['a further user', 'allowusers ops', 'allowusers ops\nallowusers mallory', 'AllowUsers'],
    [
      'a further host key',
      'hostkey /etc/ssh/ssh_host_rsa_key',
      'hostkey /etc/ssh/ssh_host_rsa_key\nhostkey /etc/ssh/ssh_host_ecdsa_key',
      'HostKey',
    ],
    ['a missing host key', 'hostkey /etc/ssh/ssh_host_rsa_key\n', '', 'HostKey'],
    ['a missing directive', 'loglevel VERBOSE\n', '', 'LogLevel'],
    ['another list of users', 'allowusers ops', 'allowusers root', 'AllowUsers'],
  ])('shows %s', (_name, sealed, other, directive) => {
    expect(SEALED).toContain(sealed);
    expect(directives(SEALED.replace(sealed, other))).toEqual([directive]);
  });

  it('is compared in sshd’s own normal form', () => {
    expect(
      overriddenSettings([['PermitRootLogin', 'prohibit-password']], 'permitrootlogin without-password'),
    ).toEqual([]);
    expect(overriddenSettings([['LogLevel', 'VERBOSE']], 'loglevel verbose\n')).toEqual([]);
  });

  it('is not asked for what sshd never prints', () => {
    expect(overriddenSettings([['DebianBanner', 'no']], 'port 22\n')).toEqual([]);
  });

  it('says both sides of a difference', () => {
    expect(overriddenSettings([['Port', '2022']], 'port 22\nport 2022\n')).toEqual([
      { directive: 'Port', wanted: '2022', effective: '22 2022' },
    ]);
    expect(overriddenSettings([['UseDNS', 'no']], '')).toEqual([
      { directive: 'UseDNS', wanted: 'no', effective: '' },
    ]);
  });
});
