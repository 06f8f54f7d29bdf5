import { describe, expect, it } from 'vitest';
import { AUTHORITIES, algorithms, SIGNATURES } from '../../../posture/sshd/algorithms.ts';
import type { Setting } from '../../../posture/sshd/setting.ts';
import { sshdDropIn, sshdSettings } from '../../../posture/sshd/settings.ts';
import { DEBIAN_11, DEBIAN_12, DEBIAN_13, fact, golden, postureWith, type Raw } from '../fixture.ts';

function settings(sections: Raw = {}): Map<string, string> {
  return new Map(sshdSettings(postureWith(sections), DEBIAN_12));
}

describe('the front door’s sshd settings', () => {
  it.each([
    [11, DEBIAN_11],
    [12, DEBIAN_12],
    [13, DEBIAN_13],
  ])('are as expected for Debian %i', async (release, known) => {
    await expect(sshdDropIn(sshdSettings(postureWith(), known))).toMatchFileSnapshot(
      golden(`sshd-debian-${release}.conf`),
    );
  });

  it('differ from profile to profile in the algorithms alone', () => {
    const all = [DEBIAN_11, DEBIAN_12, DEBIAN_13];
    const profiles = all.map((known) => sshdSettings(postureWith({ ssh: { profile: 'compatible' } }), known));
    for (const [index, compatible] of profiles.entries()) {
      const modern = new Map(sshdSettings(postureWith(), all[index]));
      const other = compatible.filter(([name, value]) => name !== 'HostKey' && modern.get(name) !== value);
      expect(other.map(([name]) => name).filter((name) => name !== 'ModuliFile')).toEqual([
        'KexAlgorithms',
        'MACs',
      ]);
      expect(new Map(compatible).get('KexAlgorithms')).toContain('ecdh-sha2-nistp256');
    }
  });

  it('are post-quantum alone where that is asked for, and refused where the host knows none', () => {
    const posture = postureWith({ ssh: { profile: 'post-quantum' } });
    expect(new Map(sshdSettings(posture, DEBIAN_13)).get('KexAlgorithms')).toBe(
      'mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com',
    );
    expect(new Map(sshdSettings(posture, DEBIAN_12)).get('KexAlgorithms')).toBe(
      'sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com',
    );
    expect(() => sshdSettings(posture, DEBIAN_11)).toThrow(/knows none of mlkem768/);
  });

  it('ask for a code after the key where a second factor is wanted', () => {
    for (const known of [DEBIAN_11, DEBIAN_12, DEBIAN_13]) {
      const own = new Map(sshdSettings(postureWith({ ssh: { secondFactor: 'totp' } }), known));
      expect(own.get('AuthenticationMethods')).toBe('publickey,keyboard-interactive:pam');
      expect(own.get('KbdInteractiveAuthentication')).toBe('yes');
      expect(own.get('ChallengeResponseAuthentication')).toBe(known === DEBIAN_11 ? 'yes' : undefined);
      expect(own.get('PasswordAuthentication')).toBe('no');
    }
  });

  it('leave group exchange out where its groups could not be chosen', () => {
    for (const known of [DEBIAN_11, DEBIAN_12, DEBIAN_13]) {
      const own = new Map(sshdSettings(postureWith({ ssh: { profile: 'compatible' } }), known));
      expect(own.get('KexAlgorithms')?.includes('group-exchange') === true).toBe(own.has('ModuliFile'));
    }
  });

  it('are the whole wish in a preview, where no host was asked', async () => {
    await expect(sshdDropIn(sshdSettings(postureWith()))).toMatchFileSnapshot(golden('sshd-preview.conf'));
  });

  it('name no algorithm that the host does not know, in the order of preference', () => {
    const { kex, ciphers, macs } = algorithms('modern', DEBIAN_12);
    for (const [directive, known, preferred] of [
      ['KexAlgorithms', DEBIAN_12.kex, kex],
      ['Ciphers', DEBIAN_12.ciphers, ciphers],
      ['MACs', DEBIAN_12.macs, macs],
      ['HostKeyAlgorithms', DEBIAN_12.signatures, SIGNATURES],
      ['PubkeyAcceptedAlgorithms', DEBIAN_12.signatures, SIGNATURES],
      ['CASignatureAlgorithms', DEBIAN_12.signatures, AUTHORITIES],
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
