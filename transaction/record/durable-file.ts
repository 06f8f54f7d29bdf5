import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file for its owner alone, and its folder if there is none. Whoever reads it, and a power cut, finds the old
 * content or the new; it is on the disk when this returns.
 *
 * @throws Error of the file system; the old content stays.
 */
export function writeDurably(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  try {
    synced(next, 'w', (opened) => {
      for (let done = 0; done < content.length; ) done += writeSync(opened, content, done);
    });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  synced(dirname(file), 'r', () => {});
}

/** Has what is done to an opened file, or to the names in a folder, on the disk when it returns. */
export function synced(path: string, flags: string, act: (opened: number) => void): void {
  const opened = openSync(path, flags, 0o600);
  try {
    act(opened);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
