import { describe, expect, it } from 'vitest';
import { configLines } from '../../../posture/sshd/config-lines.ts';
import { sshdConflicts } from '../../../posture/sshd/conflicts.ts';
import { sshdSettings } from '../../../posture/sshd/settings.ts';
import { DEBIAN_13, postureWith } from '../fixture.ts';

const MAIN = '/etc/ssh/sshd_config';
const INCLUDE = 'Include /etc/ssh/sshd_config.d/*.conf';
const SETTINGS = sshdSettings(postureWith(), DEBIAN_13);

function numbered(file: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${file}:${index + 1}:${line}`);
}

/** Conflicts of a main file with these lines after its Include, and of a drop-in. */
function conflicts(main: readonly string[], dropIn: readonly string[] = [], name = '50-own.conf'): string[] {
  const found = [
    ...numbered(MAIN, [INCLUDE, ...main]),
    ...numbered(`/etc/ssh/sshd_config.d/${name}`, dropIn),
  ];
  return sshdConflicts(configLines(found), SETTINGS);
}

describe('the configuration that a host has beside the drop-in', () => {
  it('is no conflict on a fresh Debian 12', () => {
    expect(
      conflicts(
        [
          'PermitRootLogin yes',
          'KbdInteractiveAuthentication no',
          'UsePAM yes',
          'Subsystem\tsftp\t/usr/lib/openssh/sftp-server',
        ],
        ['PasswordAuthentication yes'],
      ),
    ).toEqual([]);
  });

  it('may not lack the folder of the drop-ins, or have it in a Match block only', () => {
    const without = sshdConflicts(configLines(numbered(MAIN, ['UsePAM yes'])), SETTINGS);
    expect(without).toEqual([expect.stringContaining('does not include /etc/ssh/sshd_config.d/*.conf')]);
    const within = sshdConflicts(configLines(numbered(MAIN, ['Match User a', INCLUDE])), SETTINGS);
    expect(within).toEqual([expect.stringMatching(/^\/etc\/ssh\/sshd_config line 2 .*"Match User a"/)]);
  });

  it.each([
    ['Port 2200', 'sshd_config line 2 makes sshd listen on port 2200 besides ssh.port 22'],
    ['port=2200', 'port 2200'],
    ['ListenAddress 0.0.0.0:2200', 'port 2200'],
    ['ListenAddress [::]:2200', 'port 2200'],
    ['ListenAddress host.example:2200 rdomain vrf1', 'port 2200'],
  ])('may not add a port: %s', (line, saying) => {
    expect(conflicts([line])).toEqual([expect.stringContaining(saying)]);
    expect(conflicts([], [line])).toEqual([expect.stringContaining('50-own.conf line 1')]);
  });

  it.each(['Port 22', 'ListenAddress 0.0.0.0', 'ListenAddress ::', 'ListenAddress 192.0.2.1:22'])(
    'may say the same: %s',
    (line) => {
      expect(conflicts([line])).toEqual([]);
    },
  );

  it('may have anything in the drop-in itself, which is written anew', () => {
    expect(conflicts([], ['Port 2200', 'AllowUsers alice'], '00-postern.conf')).toEqual([]);
  });

  it('may not add a user, a host key or a penalty', () => {
    const lines = [
      'AllowUsers ops alice',
      'HostKey /etc/ssh/ssh_host_ecdsa_key',
      'PerSourcePenalties max:60',
    ];
    expect(conflicts(lines)).toEqual([
      expect.stringMatching(/line 2 adds ops alice to Postern's AllowUsers ops/),
      expect.stringMatching(/line 3 adds \/etc\/ssh\/ssh_host_ecdsa_key/),
      expect.stringMatching(/line 4 adds max:60 to Postern's PerSourcePenalties no/),
    ]);
    expect(conflicts(['AllowUsers ops', 'HostKey /etc/ssh/ssh_host_rsa_key'])).toEqual([]);
  });
});

describe('a Match block', () => {
  it.each([
    ['User backup', 'PasswordAuthentication yes'],
    ['Address 10.0.0.0/8', 'PermitRootLogin yes'],
    ['all', 'AuthenticationMethods any'],
    ['Group staff', 'KbdInteractiveAuthentication yes'],
    ['Group staff', 'ChallengeResponseAuthentication yes'],
    ['LocalPort 22', 'AllowUsers *'],
    ['User ops', 'AuthorizedKeysFile /tmp/keys'],
    ['User ops', 'AuthorizedKeysCommand /usr/bin/true'],
    ['User ops', 'TrustedUserCAKeys /tmp/ca'],
    ['Address *,!10.0.0.1', 'PubkeyAuthentication no'],
    ['User ops', 'DenyUsers ops'],
  ])('for %s is named with file and line when it sets %s', (criteria, setting) => {
    const [found = '', ...more] = conflicts(['UsePAM yes', `Match ${criteria}`, `    ${setting}`]);
    expect(more).toEqual([]);
    expect(found).toContain('/etc/ssh/sshd_config line 4 sets ');
    expect(found).toContain(`"Match ${criteria}"`);
    expect(found).toContain('remove it from the Match block');
  });

  it('is read however it is written', () => {
    expect(conflicts(['match=user a', '"passwordauthentication" "yes"'])).toHaveLength(1);
    expect(conflicts(['\tMATCH\tuser a', 'PASSWORDAUTHENTICATION=YES'])).toHaveLength(1);
  });

  it('may do what takes nothing from the promise', () => {
    expect(
      conflicts([
        'Match Group sftponly',
        'ChrootDirectory /srv/sftp',
        'ForceCommand internal-sftp',
        'AllowTcpForwarding no',
        'X11Forwarding no',
        'PasswordAuthentication no',
      ]),
    ).toEqual([]);
  });

  it('ends with its file, and with the next one', () => {
    expect(conflicts(['Match User a', 'ForceCommand x'], ['PasswordAuthentication yes'])).toEqual([]);
    const [found] = conflicts(['Match User a', 'Match User b', 'PasswordAuthentication yes']);
    expect(found).toContain('"Match User b"');
  });
});
