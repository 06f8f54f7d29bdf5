import { describe, expect, it } from 'vitest';
import { exposureOf } from '../../../posture/exposure/exposure.ts';
import { accessFiles } from '../../../posture/sshd/access.ts';
import { closedAccess } from '../../../posture/sshd/closed-access.ts';
import { configLines } from '../../../posture/sshd/config-lines.ts';
import { overridingOptions } from '../../../posture/sshd/daemon-options.ts';
import { sshdDropIn, sshdSettings } from '../../../posture/sshd/settings.ts';
import { DEBIAN_11, DEBIAN_12, DEBIAN_13, postureWith, problems, type Raw } from '../fixture.ts';

const settings = (sections: Raw = {}) => sshdSettings(postureWith(sections), DEBIAN_12);
const MAIN = '/etc/ssh/sshd_config';

const KEPT = {
  trustedUserCAKeys: '/etc/ssh/user_ca.pub',
  authorizedPrincipalsFile: '/etc/ssh/principals/%u',
  authorizedKeysCommand: '/usr/local/bin/keys %u',
};

describe('keys that log in besides the administrator’s own', () => {
  it('count from nowhere by default, which is said, because silence would leave it to other files', () => {
    for (const known of [DEBIAN_11, DEBIAN_12, DEBIAN_13]) {
      const own = Object.fromEntries(sshdSettings(postureWith(), known));
      expect(own).toMatchObject({
        AuthorizedKeysCommand: 'none',
        AuthorizedPrincipalsCommand: 'none',
        AuthorizedPrincipalsFile: 'none',
        TrustedUserCAKeys: 'none',
      });
      expect(own).not.toHaveProperty('AuthorizedKeysCommandUser');
    }
  });

  it('count where the configuration names them, as OpenSSH does, and are in the exposure then', () => {
    expect(Object.fromEntries(settings({ ssh: KEPT }))).toMatchObject({
      AuthorizedKeysCommand: '/usr/local/bin/keys %u',
      AuthorizedKeysCommandUser: 'nobody',
      AuthorizedPrincipalsFile: '/etc/ssh/principals/%u',
      TrustedUserCAKeys: '/etc/ssh/user_ca.pub',
    });
    const purposes = (sections: Raw) =>
      exposureOf(postureWith(sections))
        .filter(({ access }) => access.to === 'knocker')
        .map(({ purpose }) => purpose);
    expect(purposes({})).toEqual(['ssh', 'ssh']);
    expect(purposes({ ssh: KEPT })[0]).toBe(
      'ssh, also by AuthorizedKeysCommand /usr/local/bin/keys %u, also by TrustedUserCAKeys /etc/ssh/user_ca.pub',
    );
    expect(accessFiles(postureWith({ ssh: KEPT }).ssh)).toEqual([
      '/etc/ssh/user_ca.pub',
      '/usr/local/bin/keys',
    ]);
  });

  it('are refused half said, or where the path is none', () => {
    const refused = (ssh: Raw) => problems({ ssh }).map(({ property }) => property);
    expect(refused({ authorizedPrincipalsFile: '/etc/ssh/principals' })).toEqual([
      'ssh.authorizedPrincipalsFile',
    ]);
    expect(refused({ authorizedKeysCommandUser: 'nobody' })).toEqual(['ssh.authorizedKeysCommandUser']);
    expect(refused({ trustedUserCAKeys: 'user_ca.pub' })).toEqual(['ssh.trustedUserCAKeys']);
    expect(refused({ trustedUserCAKeys: '/etc/ssh/../../tmp/ca' })).toEqual(['ssh.trustedUserCAKeys']);
    expect(refused(KEPT)).toEqual([]);
  });
});

it('what decides about a login is said once more for every login, where it is the first Match block', () => {
  const [global = '', every = ''] = sshdDropIn(settings()).split('\nMatch all\n');
  expect(global).toContain('\nPort 22\n');
  for (const line of [
    'PasswordAuthentication no',
    'TrustedUserCAKeys none',
    'PermitRootLogin no',
    'AllowUsers ops',
  ])
    expect(every.split('\n')).toContain(line);
  // sshd takes these in no Match block, and would not start.
  expect(every).not.toMatch(
    /^(Port|HostKey|UsePAM|StrictModes|ChallengeResponse\w+|PermitUserEnvironment) /m,
  );
});

describe('what a host’s own files let in, and a change ends', () => {
  const closed = (lines: readonly string[], sections: Raw = {}) =>
    closedAccess(configLines(lines.map((line, index) => `${MAIN}:${index + 1}:${line}`)), settings(sections));

  it.each([
    [
      'TrustedUserCAKeys /etc/ssh/ca.pub',
      /^\/etc\/ssh\/sshd_config line 1 .*To keep it, set ssh\.trustedUserCAKeys: \/etc\/ssh\/ca\.pub$/,
    ],
    ['AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys', /set ssh\.authorizedKeysCommand:/],
    ['AuthorizedPrincipalsFile /etc/ssh/p/%u', /set ssh\.authorizedPrincipalsFile:/],
    ['AuthorizedKeysFile /etc/ssh/keys/%u', /Postern sets AuthorizedKeysFile \.ssh\/authorized_keys$/],
    ['HostbasedAuthentication yes', /Postern sets HostbasedAuthentication no$/],
    ['GSSAPIAuthentication yes', /counts no longer/],
    [
      'AuthenticationMethods publickey,keyboard-interactive:pam',
      /Postern sets AuthenticationMethods publickey$/,
    ],
  ])('is told by name: %s', (line, saying) => {
    expect(closed([line])).toEqual([expect.stringMatching(saying)]);
  });

  it('is nothing on a fresh host, nor what stays or is closed already', () => {
    expect(closed(['PermitRootLogin yes', 'PasswordAuthentication yes', 'UsePAM yes'])).toEqual([]);
    expect(closed(['AuthorizedKeysFile %h/.ssh/authorized_keys .ssh/authorized_keys2'])).toEqual([]);
    expect(closed(['TrustedUserCAKeys none', 'GSSAPIAuthentication no'])).toEqual([]);
    expect(closed([`TrustedUserCAKeys ${KEPT.trustedUserCAKeys}`], { ssh: KEPT })).toEqual([]);
    const sealed = [
      '/etc/ssh/sshd_config.d/00-postern.conf:1:TrustedUserCAKeys none',
      `${MAIN}:9:TrustedUserCAKeys /etc/ssh/ca.pub`,
    ];
    expect(closedAccess(configLines(sealed), settings())).toEqual([]);
  });
});

describe('the command line of sshd', () => {
  it.each([
    ['-D'],
    ['-D -e -E /var/log/sshd'],
    ['-D -o PrintMotd=no -o Banner=/etc/issue.net'],
    ['-D -f /etc/ssh/sshd_config -p 22'],
    ['-D -oPasswordAuthentication=no'],
  ])('may say %s', (words) => {
    expect(overridingOptions(words.split(' '), settings())).toEqual([]);
  });

  it.each([
    ['-D -f /etc/ssh/other', '-f /etc/ssh/other'],
    ['-D -p 2200', '-p 2200'],
    ['-D -o PasswordAuthentication=yes', '-o PasswordAuthentication=yes'],
    ['-D -oTrustedUserCAKeys=/etc/ca', '-o TrustedUserCAKeys=/etc/ca'],
    ['-E log -o usepam=no', '-o usepam=no'],
    ['-D -o AuthorizedKeysCommand /usr/bin/keys %u -e', '-o AuthorizedKeysCommand /usr/bin/keys %u'],
    ['-h /etc/ssh/ssh_host_ecdsa_key', '-h /etc/ssh/ssh_host_ecdsa_key'],
  ])('may not say %s', (words, naming) => {
    expect(overridingOptions(words.split(' '), settings())).toEqual([naming]);
  });
});
