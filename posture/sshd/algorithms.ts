import type { Ssh } from '../schema/ssh.ts';

/** Preference lists of a profile, strongest first. */
export interface Algorithms {
  readonly kex: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}

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

/** Key exchanges that a recorded session cannot be decrypted from by a quantum computer. */
export const POST_QUANTUM = [
  'mlkem768x25519-sha256',
  'sntrup761x25519-sha512',
  'sntrup761x25519-sha512@openssh.com',
] as const;

const CURVE = ['curve25519-sha256', 'curve25519-sha256@libssh.org'];

/** Diffie-Hellman over finite fields, which OpenSSH no longer offers by default since it has ML-KEM. */
const FINITE_FIELD = [
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group-exchange-sha256',
];

/** The one key exchange whose groups come from a file of the host's. */
export const GROUP_EXCHANGE = 'diffie-hellman-group-exchange-sha256';

/** Clients in FIPS mode know these and no curve25519; those of the years before 2014 know the last. */
const OLD_KEX = [
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
];

/** Signature algorithms of host keys and of the keys that log in, in every profile; no ECDSA, as ssh-audit advises. */
export const SIGNATURES = [
  'sk-ssh-ed25519-cert-v01@openssh.com',
  'ssh-ed25519-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
  'sk-ssh-ed25519@openssh.com',
  'ssh-ed25519',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Signature algorithms of certificate authorities. */
export const AUTHORITIES = ['sk-ssh-ed25519@openssh.com', 'ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'];

const MODERN: Algorithms = {
  kex: [...POST_QUANTUM, ...CURVE, ...FINITE_FIELD],
  ciphers: [
    'chacha20-poly1305@openssh.com',
    'aes256-gcm@openssh.com',
    'aes256-ctr',
    'aes192-ctr',
    'aes128-gcm@openssh.com',
    'aes128-ctr',
  ],
  macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'umac-128-etm@openssh.com'],
};

/** Since OpenSSH has ML-KEM, ssh-audit's guides have no finite fields and put the longer MAC first. */
const MODERN_WITH_ML_KEM: Algorithms = {
  ...MODERN,
  kex: [...POST_QUANTUM, ...CURVE],
  macs: ['hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com', 'umac-128-etm@openssh.com'],
};

const COMPATIBLE: Algorithms = {
  ...MODERN,
  kex: [...MODERN.kex, ...OLD_KEX],
  macs: [...MODERN.macs, 'hmac-sha2-256', 'hmac-sha2-512', 'umac-128@openssh.com'],
};

/**
 * The lists of a profile. Those of `modern` depend on the generation of the host's OpenSSH, as the guides do; without
 * `known` they are those for every generation.
 */
export function algorithms(profile: Ssh['profile'], known?: Pick<SshdKnowledge, 'kex'>): Algorithms {
  const modern = known?.kex.includes('mlkem768x25519-sha256') === true ? MODERN_WITH_ML_KEM : MODERN;
  switch (profile) {
    case 'modern':
      return modern;
    case 'compatible':
      return COMPATIBLE;
    case 'post-quantum':
      return { ...modern, kex: POST_QUANTUM };
  }
}

/**
 * The members of `preferred` that `known` holds (all, where nobody was asked), in the order of preference, joined as
 * sshd_config(5) wants them.
 *
 * @throws Error when there are none.
 */
export function chosen(preferred: readonly string[], known: readonly string[] = preferred): string {
  const names = preferred.filter((name) => known.includes(name));
  if (names.length === 0) {
    throw new Error(
      `The host's OpenSSH knows none of ${preferred.join(', ')}; it knows ${known.join(', ') || 'nothing'}.`,
    );
  }
  return names.join(',');
}
