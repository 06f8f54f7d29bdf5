/**
 * Preference lists of the `modern` profile: the union of ssh-audit's hardening guides, strongest first. What a host's
 * sshd does not know is left out; asking the binary (`ssh -Q`) is the only reliable way, because distributions
 * backport algorithms to versions that upstream never gave them.
 */
export const MODERN = {
  kex: [
    'sntrup761x25519-sha512',
    'sntrup761x25519-sha512@openssh.com',
    'mlkem768x25519-sha256',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha256',
  ],
  ciphers: [
    'chacha20-poly1305@openssh.com',
    'aes256-gcm@openssh.com',
    'aes256-ctr',
    'aes192-ctr',
    'aes128-gcm@openssh.com',
    'aes128-ctr',
  ],
  macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'umac-128-etm@openssh.com'],
  signatures: [
    'sk-ssh-ed25519-cert-v01@openssh.com',
    'ssh-ed25519-cert-v01@openssh.com',
    'rsa-sha2-512-cert-v01@openssh.com',
    'rsa-sha2-256-cert-v01@openssh.com',
    'sk-ssh-ed25519@openssh.com',
    'ssh-ed25519',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  casignatures: ['sk-ssh-ed25519@openssh.com', 'ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
} as const;

/** What a host's OpenSSH knows, as the host itself says. */
export interface SshdKnowledge {
  readonly kex: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  /** Public key signature algorithms. */
  readonly signatures: readonly string[];
  /** Directives, in lower case, as `sshd -T` prints them. */
  readonly directives: readonly string[];
}

/** The members of `preferred` that `known` holds, in the order of preference, joined as sshd_config(5) wants them. */
export function chosen(preferred: readonly string[], known: readonly string[]): string {
  const names = preferred.filter((name) => known.includes(name));
  if (names.length === 0) {
    throw new Error(
      `The host's OpenSSH knows none of ${preferred.join(', ')}; it knows ${known.join(', ') || 'nothing'}.`,
    );
  }
  return names.join(',');
}
