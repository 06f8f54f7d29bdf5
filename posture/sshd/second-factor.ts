import type { Posture } from '../schema/posture.ts';

/** The shared secret on the host, readable for root alone: the administrator's own account cannot read it. */
export const TOTP_FILE = '/etc/postern/totp';

/** The PAM service of sshd; its own lines stay, ours stand above them. */
export const PAM_SSHD = '/etc/pam.d/sshd';

/** Shared secrets are RFC 4648 base32 of 160 bits, as RFC 4226 recommends: what every authenticator app takes. */
export const TOTP_SECRET = /^[A-Z2-7]{32}$/;

/** The administrator's posture asks for a code besides the key. */
export function asksForCode({ ssh }: Posture): boolean {
  return ssh.secondFactor === 'totp';
}

/**
 * Lines above those of /etc/pam.d/sshd: for the administrator a code decides, and nothing after it is asked; everybody
 * else goes on as before. The agent finds them again by the first and the last. `noskewadj`: three codes of an old hour
 * would make the module take the host's clock for wrong and write that into its file.
 */
export function pamLines(posture: Posture): string {
  return `# Postern: second factor, begin
auth [success=ignore default=1] pam_succeed_if.so quiet user = ${posture.admin.user}
auth [success=done default=die] pam_google_authenticator.so user=root secret=${TOTP_FILE} noskewadj
# Postern: second factor, end
`;
}

/**
 * The module's file: codes of now and of four minutes before and after, because a clock that went wrong must not lock
 * out, and the key comes first. Codes may be used again within that time: proving a door takes several logins, and the
 * module would have to rewrite the file at each.
 */
export function totpFile(secret: string): string {
  return `${secret}\n" WINDOW_SIZE 17\n" TOTP_AUTH\n`;
}

/** What an authenticator app is enrolled with, as text or as a QR code. Secret. */
export function enrolment(host: string, user: string, secret: string): string {
  return `otpauth://totp/${user}@${host}?secret=${secret}&issuer=Postern`;
}
