import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Identity } from '../posture/schema/identity.ts';

const PROJECT = join(import.meta.dirname, '..');

/** Key files are named from the project's folder, or `~/`, so that the state is the same on every machine. */
export function located(identity: Identity | undefined): Identity | undefined {
  if (identity === undefined || !('file' in identity)) return identity;
  const { file } = identity;
  return { file: file.startsWith('~/') ? join(homedir(), file.slice(2)) : resolve(PROJECT, file) };
}
