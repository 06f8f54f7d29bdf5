import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HostKey, PublicKey, refusalOfPublicKey } from '../../../posture/schema/public-key.ts';
import { opensshKey } from '../../../provider/host-keys/openssh-key.ts';
import { KEY } from '../fixture.ts';

function wire(...fields: (string | Buffer)[]): string {
  const parts = fields.map((field) => {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(parts).toString('base64');
}

/** An RSA key whose modulus has exactly so many bits, a zero byte in front where RFC 4251 wants one. */
function rsa(bits: number): string {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  bytes[0] = 0xff >> ((8 - (bits % 8)) % 8);
  const modulus = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return `ssh-rsa ${wire('ssh-rsa', Buffer.from([1, 0, 1]), modulus)}`;
}

const SK = `sk-ssh-ed25519@openssh.com ${wire('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:')}`;

describe('a public key', () => {
  it.each([
    ['ed25519', KEY],
    ['ed25519 without a comment', KEY.split(' ').slice(0, 2).join(' ')],
    ['ed25519 of a security key', `${SK} token@desk`],
    ['RSA of 3072 bits', rsa(3072)],
    ['RSA of 4096 bits', rsa(4096)],
  ])('is accepted: %s', (_name, line) => {
    expect(refusalOfPublicKey(line)).toBeUndefined();
  });

  it('is accepted as OpenSSH writes it', () => {
    for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('rsa', { modulusLength: 3072 })])
      expect(refusalOfPublicKey(opensshKey(pair.privateKey, 1).publicKey)).toBeUndefined();
  });

  it.each([1024, 2048, 3064, 3065, 3071])('is refused with its size: RSA of %i bits', (bits) => {
    expect(refusalOfPublicKey(rsa(bits))).toMatch(`is an RSA key of ${bits} bits; at least 3072`);
  });

  it.each([
    [
      'ECDSA',
      `ecdsa-sha2-nistp256 ${wire('ecdsa-sha2-nistp256', 'nistp256', 'x')}`,
      /must be one of ssh-ed25519/,
    ],
    ['DSA', `ssh-dss ${wire('ssh-dss', 'x')}`, /must be one of/],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${wire('x')}`, /must be one of/],
    ['another type inside', KEY.replace('ssh-ed25519 ', 'ssh-rsa '), /not a key of the type it names/],
    ['cut short', KEY.slice(0, 40), /not a key of the type it names/],
    ['cut short in the middle of four characters', KEY.slice(0, 17), /must be one line/],
    [
      'an ed25519 key of 31 bytes',
      `ssh-ed25519 ${wire('ssh-ed25519', Buffer.alloc(31))}`,
      /cut short or damaged/,
    ],
    ['options before it', `command="id" ${KEY}`, /without options/],
    ['restrict before it', `restrict ${KEY}`, /without options/],
    ['two lines', `${KEY}\n${KEY}`, /must be one line|comment/],
    ['two lines of Windows', `${KEY}\r\n`, /must be one line|comment/],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', /must be one line/],
    ['a quote in the comment', `${KEY}'s laptop`, /has a comment with other characters/],
    ['nothing', '', /must be one line/],
  ])('is refused: %s', (_name, line, reason) => {
    expect(refusalOfPublicKey(line)).toMatch(reason);
  });

  it('never comes back in a reason', () => {
    const secret = '-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjEAAAAA';
    expect(refusalOfPublicKey(secret)).not.toContain('b3BlbnNz');
  });
});

describe('a host key before the host is hardened', () => {
  const ecdsa = `ecdsa-sha2-nistp256 ${wire('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4))}`;

  it.each([
    ['ed25519', KEY],
    ['RSA of 2048 bits', rsa(2048)],
    ['ECDSA', ecdsa],
  ])('may be whatever OpenSSH still makes: %s', (_name, line) => {
    expect(HostKey.safeParse(line).success).toBe(true);
  });

  it.each([
    ['RSA of 1024 bits', rsa(1024)],
    ['DSA', `ssh-dss ${wire('ssh-dss', 'x')}`],
    ['with a name before it, as ssh-keyscan prints it', `node-1 ${KEY}`],
  ])('is refused: %s', (_name, line) => {
    expect(HostKey.safeParse(line).success).toBe(false);
  });

  it('lets no user in', () => {
    for (const line of [rsa(2048), ecdsa]) expect(PublicKey.safeParse(line).success).toBe(false);
  });
});
