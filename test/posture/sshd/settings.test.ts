import { describe, expect, it } from 'vitest';
import { MODERN } from '../../../posture/sshd/algorithms.ts';
import { type Setting, sshdDropIn, sshdSettings } from '../../../posture/sshd/settings.ts';
import { DEBIAN_12, fact, golden, postureWith, type Raw } from '../fixture.ts';

function settings(sections: Raw = {}): Map<string, string> {
  return new Map(sshdSettings(postureWith(sections), DEBIAN_12));
}

describe('the front door’s sshd settings', () => {
  it('are as expected for Debian 12', async () => {
    await expect(sshdDropIn(sshdSettings(postureWith(), DEBIAN_12))).toMatchFileSnapshot(
      golden('sshd-debian-12.conf'),
    );
  });

  it('are the whole wish in a preview, where no host was asked', async () => {
    await expect(sshdDropIn(sshdSettings(postureWith()))).toMatchFileSnapshot(golden('sshd-preview.conf'));
  });

  it('name no algorithm that the host does not know, in the order of preference', () => {
    for (const [directive, known, preferred] of [
      ['KexAlgorithms', DEBIAN_12.kex, MODERN.kex],
      ['Ciphers', DEBIAN_12.ciphers, MODERN.ciphers],
      ['MACs', DEBIAN_12.macs, MODERN.macs],
      ['HostKeyAlgorithms', DEBIAN_12.signatures, MODERN.signatures],
      ['PubkeyAcceptedAlgorithms', DEBIAN_12.signatures, MODERN.signatures],
      ['CASignatureAlgorithms', DEBIAN_12.signatures, MODERN.casignatures],
    ] as const) {
      const names = settings().get(directive)?.split(',') ?? [];
      expect(names.length, directive).toBeGreaterThan(2);
      expect(names, directive).toEqual(preferred.filter((name) => known.includes(name)));
    }
    expect(settings().get('KexAlgorithms')).not.toContain('mlkem');
  });

  it('know every directive that they set, as the host’s sshd prints them', () => {
    const known = fact('sshd-T-fresh-debian-12.txt')
      .split('\n')
      .map((line) => line.split(' ')[0]);
    // Printed only once they are set, the last one never.
    const silent = ['allowusers', 'authenticationmethods', 'debianbanner'];
    for (const directive of settings().keys())
      expect([...known, ...silent]).toContain(directive.toLowerCase());
  });

  it('follow the configuration', () => {
    const own = settings({
      admin: {
        user: 'alice',
        authorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5pTGSoZHvq7zGxqHCPqF0+8kpcdPj0pdtKTd7oYKJ7'],
      },
      ssh: { port: 2022, allowTcpForwarding: true, maxAuthTries: 4, clientAliveSeconds: 60 },
    });
    expect(Object.fromEntries(own)).toMatchObject({
      Port: '2022',
      AllowUsers: 'alice',
      AllowTcpForwarding: 'yes',
      MaxAuthTries: '4',
      ClientAliveInterval: '60',
    });
  });

  it('let nobody in by a password, nor root', () => {
    expect(Object.fromEntries(settings())).toMatchObject({
      AuthenticationMethods: 'publickey',
      PasswordAuthentication: 'no',
      KbdInteractiveAuthentication: 'no',
      PermitEmptyPasswords: 'no',
      PermitRootLogin: 'no',
    });
  });

  it('leave out what the host’s build lacks', () => {
    const older = { ...DEBIAN_12, directives: [] };
    const names = sshdSettings(postureWith(), older).map(([directive]) => directive);
    expect(names).not.toContain('DebianBanner');
    expect(names).not.toContain('RequiredRSASize');
    expect([settings().get('DebianBanner'), settings().get('RequiredRSASize')]).toEqual(['no', '3072']);
  });

  it('are refused for a host that knows nothing of a list, rather than left to its defaults', () => {
    expect(() => sshdSettings(postureWith(), { ...DEBIAN_12, macs: ['hmac-md5'] })).toThrow(
      /knows none of hmac-sha2-256-etm@openssh\.com.*it knows hmac-md5/,
    );
    expect(() => sshdSettings(postureWith(), { ...DEBIAN_12, kex: [] })).toThrow(/it knows nothing/);
  });

  it('are one directive a line', () => {
    const list: Setting[] = [
      ['Port', '22'],
      ['UseDNS', 'no'],
    ];
    expect(sshdDropIn(list)).toMatch(/^#.*\nPort 22\nUseDNS no\n$/);
  });
});
