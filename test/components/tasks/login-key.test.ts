import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loginKey } from '../../../components/tasks/login-key.ts';
import { isUsableKey } from '../../../posture/validate/private-key.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const folder = temporaryFolder();

let made = 0;

/** A key as ssh-keygen writes it. */
function newKey(...argv: string[]): string {
  made += 1;
  const file = join(folder, `key-${made}`);
  execFileSync('ssh-keygen', ['-q', '-f', file, ...argv]);
  return file;
}

const ed25519 = newKey('-t', 'ed25519', '-N', '');
const locked = newKey('-t', 'ed25519', '-N', 'a passphrase');
const AGENT = '/run/user/1000/agent';

describe('a private key for the tasks', () => {
  it.each([
    ['an OpenSSH key without passphrase', ed25519, true],
    ['an OpenSSH key with a passphrase', locked, false],
    ['a PEM key without passphrase', newKey('-t', 'rsa', '-b', '1024', '-m', 'PEM', '-N', ''), true],
    [
      'a PEM key with a passphrase',
      newKey('-t', 'rsa', '-b', '1024', '-m', 'PEM', '-N', 'a passphrase'),
      false,
    ],
    ['a PKCS#8 key without passphrase', newKey('-t', 'rsa', '-b', '1024', '-m', 'PKCS8', '-N', ''), true],
    [
      'a PKCS#8 key with a passphrase',
      newKey('-t', 'rsa', '-b', '1024', '-m', 'PKCS8', '-N', 'a pass'),
      false,
    ],
    ['a public key', `${ed25519}.pub`, false],
  ])('%s: %s is usable: %s', (_name, file, usable) => {
    expect(isUsableKey(readFileSync(file, 'utf8'))).toBe(usable);
  });

  it('may have the line ends of Windows', () => {
    expect(isUsableKey(readFileSync(ed25519, 'utf8').replaceAll('\n', '\r\n'))).toBe(true);
    expect(isUsableKey(readFileSync(locked, 'utf8').replaceAll('\n', '\r\n'))).toBe(false);
  });

  it('is what the file holds', () => {
    expect(loginKey({ name: 'node-1', identity: { file: ed25519 } }, undefined)).toBe(
      readFileSync(ed25519, 'utf8'),
    );
  });

  it('is the configured secret', () => {
    const privateKey = readFileSync(ed25519, 'utf8');
    expect(loginKey({ name: 'node-1', identity: { privateKey } }, AGENT)).toBe(privateKey);
  });

  it.each([
    ['no identity is configured', undefined],
    ['the key has a passphrase', { file: locked }],
    ['the file names a key that the agent holds', { file: `${ed25519}.pub` }],
    ['the file is not there', { file: join(folder, 'nowhere') }],
  ])('is left to the agent when %s', (_name, identity) => {
    expect(loginKey({ name: 'node-1', identity }, AGENT)).toBeUndefined();
  });

  it.each([
    ['no identity is configured', undefined],
    ['is not a private key that can be read without a passphrase', { file: locked }],
    ['identity.privateKey is not a private key', { privateKey: 'not a key' }],
  ])('is asked for when there is no agent either: %s', (words, identity) => {
    const login = () => loginKey({ name: 'node-1', identity }, '');
    expect(login).toThrow(words);
    expect(login).toThrow(/^The tasks of node-1 cannot log in: .*\.$/);
  });

  it('is never part of a message', () => {
    expect(() => loginKey({ name: 'node-1', identity: { privateKey: 'half a secret' } }, '')).not.toThrow(
      'half',
    );
  });
});
