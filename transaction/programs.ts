import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleFile } from './bundle.ts';

const SERVER = join(import.meta.dirname, 'server');

/** A program of `server/` as text. */
export function program(name: string): string {
  return readFileSync(join(SERVER, name), 'utf8');
}

let read: readonly BundleFile[] | undefined;

/** Every file of `server/`: what the host is given before a change, so that it can undo it alone. Read once. */
export function agentFiles(): readonly BundleFile[] {
  read ??= readAgentFiles();
  return read;
}

function readAgentFiles(): BundleFile[] {
  return readdirSync(SERVER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(SERVER.length + 1))
    .sort()
    .map((path) => ({ path: `agent/${path}`, content: program(path) }));
}

/** Digest of what stays on a sealed host; when Postern itself changes it, the host is due for a change. */
export function programsDigest(): string {
  const hash = createHash('sha256');
  for (const { path, content } of agentFiles()) {
    if (/^agent\/(host|units)\//.test(path)) hash.update(`${path}\0${content}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}
