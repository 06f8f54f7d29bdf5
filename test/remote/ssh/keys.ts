import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key pair made for a test. */
export interface KeyPair {
  readonly privateKey: string;
  /** `type base64 comment`. */
  readonly publicKey: string;
}

/** Makes a key pair with ssh-keygen; nothing of it stays on disk. */
export function makeKeyPair(type = 'ed25519', passphrase = ''): KeyPair {
  const directory = mkdtempSync(join(tmpdir(), 'test-key-'));
  try {
    const file = join(directory, 'key');
    const size = type === 'rsa' ? ['-b', '2048'] : [];
    execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', passphrase, '-C', 'a test', '-f', file]);
    return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
