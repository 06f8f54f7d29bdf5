import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';

const copied = new Map<string, number>();

/**
 * Keeps a copy of a state, which is whole, as it is before a host is changed: with the sequence that will open its door. A
 * state that is not there yet, or is not whole, leaves the last copy alone.
 *
 * @throws Error of the file system when the copy cannot be written.
 */
export function copyState(file: string, copy: string): void {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (changed === undefined || copied.get(file) === changed) return;
  const state = readFileSync(file);
  if (!isWhole(state, file.endsWith('.gz'))) return;
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  const next = `${copy}.${process.pid}`;
  try {
    write(next, state);
    renameSync(next, copy);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  copied.set(file, changed);
}

function isWhole(state: Buffer, compressed: boolean): boolean {
  try {
    JSON.parse((compressed ? gunzipSync(state) : state).toString());
    return true;
  } catch {
    return false;
  }
}

function write(file: string, content: Buffer): void {
  const opened = openSync(file, 'w', 0o600);
  try {
    for (let done = 0; done < content.length; ) done += writeSync(opened, content, done);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
