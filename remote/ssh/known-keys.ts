import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sshEnvironment } from './environment.ts';

/** The keys that OpenSSH tries by default, and no longer does once it is told of any. */
const DEFAULT_KEYS = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

/**
 * The `IdentityFile`s that have OpenSSH offer first what the agent holds of some public keys, then its other keys, then
 * the default files. None where no such key is known: then OpenSSH does as it does by itself.
 *
 * @param files the public keys, each in a file.
 */
export function offeredFirst(files: readonly string[]): string[] {
  if (files.length === 0) return [];
  return [
    ...files,
    ...DEFAULT_KEYS.map((name) => join(homedir(), '.ssh', name)).filter((file) => existsSync(file)),
  ];
}

/**
 * Those of some public keys that the user's agent holds. OpenSSH would also offer one that nobody holds, and a server
 * counts it as a failure where its account does not know it.
 *
 * @param keys `type base64 …`
 * @param env what says where the agent is.
 */
export async function heldByAgent(keys: readonly string[], env = process.env): Promise<string[]> {
  if (keys.length === 0) return [];
  // Without an agent, or where it does not answer, none is held.
  const listed = promisify(execFile)('ssh-add', ['-L'], { env: sshEnvironment(env), timeout: 5000 });
  const text = await listed.then(({ stdout }) => stdout).catch(() => '');
  const held = new Set(text.split('\n').map(blobOf));
  return keys.filter((key) => held.has(blobOf(key)));
}

function blobOf(key: string): string {
  return key.split(' ').slice(0, 2).join(' ');
}
