import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { opensshKey } from '../../../provider/host-keys/openssh-key.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const folder = temporaryFolder();

/** What OpenSSH itself finds the public half of a private key file to be. */
function publicHalf(privateKey: string): string {
  const file = join(folder, 'key');
  writeFileSync(file, privateKey, { mode: 0o600 });
  return execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' }).trim();
}

/** Signs with the private key and checks with the public one: unlike `-y`, this needs the private numbers to be right. */
function signsFor({ privateKey, publicKey }: { privateKey: string; publicKey: string }): string {
  const file = join(folder, 'signer');
  writeFileSync(file, privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'allowed'), `host ${publicKey}\n`);
  const signature = join(folder, 'signature');
  const sign = ['-Y', 'sign', '-n', 'test', '-f', file];
  writeFileSync(signature, execFileSync('ssh-keygen', sign, { input: 'text', stdio: 'pipe' }));
  const verify = ['-Y', 'verify', '-n', 'test', '-I', 'host', '-f', join(folder, 'allowed'), '-s', signature];
  return execFileSync('ssh-keygen', verify, { input: 'text', encoding: 'utf8' });
}

describe('a private key in OpenSSH format', () => {
  it('is read by ssh-keygen with the same public half: ed25519', () => {
    const written = opensshKey(generateKeyPairSync('ed25519').privateKey, 7);
    expect(publicHalf(written.privateKey)).toBe(written.publicKey);
    expect(signsFor(written)).toContain('Good "test" signature');
  });

  it('is read by ssh-keygen with the same public half: RSA', () => {
    const written = opensshKey(generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey, 2 ** 32 - 1);
    expect(publicHalf(written.privateKey)).toBe(written.publicKey);
    expect(signsFor(written)).toContain('Good "test" signature');
  });

  it('holds every number of an RSA key where OpenSSH looks for it', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const file = join(folder, 'pem');
    writeFileSync(file, opensshKey(privateKey, 7).privateKey, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', '', '-m', 'PEM', '-f', file], { stdio: 'pipe' });
    const { n, e, d, p, q, qi } = createPrivateKey(readFileSync(file)).export({ format: 'jwk' });
    const original = privateKey.export({ format: 'jwk' });
    expect({ n, e, d, p, q, qi }).toEqual(
      Object.fromEntries(['n', 'e', 'd', 'p', 'q', 'qi'].map((name) => [name, original[name as 'n']])),
    );
  });

  it('is right for keys whose numbers begin with a zero byte or a set bit', () => {
    // A seed of zeros, and as many random ones as make a leading zero or set bit all but certain.
    const zeros = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32)]);
    const keys = [
      createPrivateKey({ key: zeros, format: 'der', type: 'pkcs8' }),
      ...Array.from({ length: 20 }, () => generateKeyPairSync('ed25519').privateKey),
      ...Array.from({ length: 12 }, () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
    ];
    for (const key of keys) {
      const written = opensshKey(key, 1);
      expect(publicHalf(written.privateKey)).toBe(written.publicKey);
    }
  });

  it('is refused for a type that no hardened sshd shows', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(() => opensshKey(privateKey, 1)).toThrow(/ed25519 or rsa, not ec/);
  });
});
