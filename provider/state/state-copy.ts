import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { writeDurably } from '../../transaction/record/durable-file.ts';

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
  writeDurably(copy, state);
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
