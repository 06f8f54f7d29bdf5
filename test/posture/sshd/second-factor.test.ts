import { describe, expect, it } from 'vitest';
import { packagesOf, reviewFiles } from '../../../posture/host-files.ts';
import { enrolment, PAM_SSHD, pamLines, totpFile } from '../../../posture/sshd/second-factor.ts';
import { postureWith, problems } from '../fixture.ts';

const posture = postureWith({ ssh: { secondFactor: 'totp' } });

describe('a second factor', () => {
  it('is asked of the administrator alone, and decides', () => {
    expect(pamLines(posture).split('\n').slice(1, 3)).toEqual([
      'auth [success=ignore default=1] pam_succeed_if.so quiet user = ops',
      'auth [success=done default=die] pam_google_authenticator.so user=root secret=/etc/postern/totp noskewadj',
    ]);
  });

  it('is shown in a preview without its secret, and brings its module', () => {
    expect(reviewFiles(posture)[PAM_SSHD]).toBe(pamLines(posture));
    expect(packagesOf(posture)).toContain('libpam-google-authenticator');
    expect(reviewFiles(postureWith())).not.toHaveProperty(PAM_SSHD);
    expect(packagesOf(postureWith())).not.toContain('libpam-google-authenticator');
  });

  it('is enrolled in an app by an address that all of them read', () => {
    expect(enrolment('node-1', 'ops', 'A'.repeat(32))).toBe(
      `otpauth://totp/ops@node-1?secret=${'A'.repeat(32)}&issuer=Postern`,
    );
    expect(totpFile('A'.repeat(32)).split('\n')[0]).toBe('A'.repeat(32));
  });

  it('is refused beside tasks, which have nobody to type a code', () => {
    const tasks = [{ name: 'hello', run: 'true' }];
    expect(problems({ tasks, ssh: { secondFactor: 'totp' } })).toEqual([
      { property: 'tasks', reason: expect.stringContaining('secondFactor') },
    ]);
    expect(problems({ tasks, ssh: { secondFactor: 'none' } })).toEqual([]);
  });
});
