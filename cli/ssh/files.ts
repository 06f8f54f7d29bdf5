import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostOutput } from '../../components/outputs.ts';
import { knownHosts } from '../../remote/ssh/host-keys.ts';
import { keyAlias, shortName } from './pinned.ts';

/** Where a stack's files for OpenSSH lie: in the project, out of git's sight. They hold no secret. */
export interface SshFiles {
  /** The include file. */
  readonly config: string;
  /** The pinned host keys. */
  readonly knownHosts: string;
}

/** The paths of a stack's files for OpenSSH. */
export function sshFiles(project: string, stack: string): SshFiles {
  const folder = join(sshFolder(project), shortName(stack));
  return { config: join(folder, 'config'), knownHosts: join(folder, 'known_hosts') };
}

/** The folder with a folder for each stack's {@link SshFiles}. */
export function sshFolder(project: string): string {
  return join(project, '.postern/ssh');
}

/** The text of a known_hosts file with the keys of all hosts of a stack. */
export function knownHostsText(
  stack: string,
  hosts: readonly Pick<HostOutput, 'name' | 'hostKeys'>[],
): string {
  return hosts.map(({ name, hostKeys }) => knownHosts(keyAlias(stack, name), hostKeys)).join('');
}

/**
 * Gives a file this text, mode 0600 unless it is there already; a reader sees the old text or the new.
 *
 * @returns whether anything changed.
 */
export function keepFile(path: string, text: string): boolean {
  if (readText(path) === text) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text, { mode: 0o600 });
  renameSync(aside, path);
  return true;
}

/** A file's text, or undefined where there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
