import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkHostKey, fingerprint, hostKeyAlgorithms, knownHosts } from '../../../remote/ssh/host-keys.ts';
import { makeKeyPair } from './keys.ts';

const ed25519 = makeKeyPair('ed25519').publicKey;
const rsa = makeKeyPair('rsa').publicKey;
const ecdsa = makeKeyPair('ecdsa').publicKey;
const [, blob = ''] = ed25519.split(' ');

describe('checkHostKey', () => {
  it.each([ed25519, rsa, ecdsa, `ssh-ed25519 ${blob}`])('accepts %s', (line) => {
    expect(checkHostKey(line)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a host name in front', `example.org ${ed25519}`],
    ['a type that is not the one in the blob', `ssh-rsa ${blob}`],
    ['a cut key', ed25519.slice(0, 40)],
    ['a marker', `@cert-authority * ${ed25519}`],
    ['two lines', `ssh-ed25519 ${blob}\n* ssh-ed25519 ${blob}`],
    ['a second line in the comment', `${ed25519}\n* ssh-ed25519 ${blob}`],
    ['a fingerprint', 'SHA256:MxRB8S8tE9G5tyT9HwXFHx7Wr/OAwu5m2G9SZ/yyw10'],
  ])('refuses %s', (_what, line) => {
    expect(checkHostKey(line)).toMatch(/not a public key/);
  });
});

describe('knownHosts', () => {
  it('holds the alias, the type and the key, without the comment', () => {
    expect(knownHosts('alias', [ed25519])).toBe(`alias ssh-ed25519 ${blob}\n`);
  });
});

describe('hostKeyAlgorithms', () => {
  it('names what the pinned keys can sign with and nothing else, the strongest first', () => {
    expect(hostKeyAlgorithms([rsa, ed25519])).toBe('ssh-ed25519,rsa-sha2-512,rsa-sha2-256');
  });
});

describe('fingerprint', () => {
  it.each([ed25519, rsa])('is the one ssh-keygen prints for %s', (line) => {
    const printed = execFileSync('ssh-keygen', ['-lf', '-'], { input: `${line}\n`, encoding: 'utf8' });
    expect(printed.split(' ')[1]).toBe(fingerprint(line));
  });
});
