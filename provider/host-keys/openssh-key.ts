import type { KeyObject } from 'node:crypto';

/*
 * The private key format of OpenSSH (PROTOCOL.key), without passphrase. Node.js writes PEM only, and no sshd before
 * OpenSSH 9.6 reads an ed25519 key in that.
 */
const MAGIC = Buffer.from('openssh-key-v1\0');
const BLOCK = 8;
const LINE = 70;

/** A key pair as OpenSSH's files have it. */
export interface OpenSshKey {
  /** `type base64`, without a comment. */
  readonly publicKey: string;
  /** Secret; PEM-like armour, ending in a line break. */
  readonly privateKey: string;
}

/**
 * Writes an ed25519 or RSA private key the way OpenSSH does.
 *
 * @param key the private key.
 * @param check any 32-bit number; it stands in the file twice, as a check for the right passphrase.
 * @throws TypeError for keys of another type.
 */
export function opensshKey(key: KeyObject, check: number): OpenSshKey {
  const { type, publicParts, privateParts } = partsOf(key);
  const publicBlob = Buffer.concat([text(type), ...publicParts]);
  const checks = Buffer.concat([uint32(check), uint32(check)]);
  const secrets = pad(Buffer.concat([checks, text(type), ...privateParts, text('')]));
  const none = text('none');
  const whole = Buffer.concat([MAGIC, none, none, text(''), uint32(1), string(publicBlob), string(secrets)]);
  return { publicKey: `${type} ${publicBlob.toString('base64')}`, privateKey: armour(whole) };
}

interface Parts {
  readonly type: 'ssh-ed25519' | 'ssh-rsa';
  readonly publicParts: readonly Buffer[];
  readonly privateParts: readonly Buffer[];
}

function partsOf(key: KeyObject): Parts {
  const jwk = key.export({ format: 'jwk' });
  const member = (name: keyof typeof jwk) => Buffer.from(String(jwk[name]), 'base64url');
  if (key.asymmetricKeyType === 'ed25519') {
    const [x, d] = [member('x'), member('d')];
    return {
      type: 'ssh-ed25519',
      publicParts: [string(x)],
      privateParts: [string(x), string(Buffer.concat([d, x]))],
    };
  }
  if (key.asymmetricKeyType === 'rsa') {
    const number = (name: keyof typeof jwk) => mpint(member(name));
    return {
      type: 'ssh-rsa',
      publicParts: [number('e'), number('n')],
      privateParts: (['n', 'e', 'd', 'qi', 'p', 'q'] as const).map(number),
    };
  }
  throw new TypeError(`a host key is ed25519 or rsa, not ${key.asymmetricKeyType ?? 'symmetric'}`);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function text(value: string): Buffer {
  return string(Buffer.from(value));
}

/** RFC 4251: a positive number whose first bit is set gets a zero in front, leading zeros go. */
function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? Buffer.alloc(0) : bytes.subarray(first);
  const sign = (significant[0] ?? 0) >= 0x80 ? Buffer.alloc(1) : Buffer.alloc(0);
  return string(Buffer.concat([sign, significant]));
}

function pad(bytes: Buffer): Buffer {
  const missing = (BLOCK - (bytes.length % BLOCK)) % BLOCK;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function armour(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}
