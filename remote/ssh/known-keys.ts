import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

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
