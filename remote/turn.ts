import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long somebody else's turn is waited for, in milliseconds: longer than an attempt takes, shorter than ssh waits. */
const PATIENCE = 4000;

/** Between two looks at whether it is over, in milliseconds. */
const INTERVAL = 25;

/**
 * Does something while no other process of this user on this machine does the same to the same address: knocks that
 * arrive mixed open nothing. A courtesy and no guarantee: where the lock cannot be had, it is done without.
 *
 * @param key what it is done to; does not show in the lock's name.
 * @param act is told whether somebody else's turn was waited for.
 */
export async function inTurn<T>(key: string, act: (waited: boolean) => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `postern-knocking-${process.getuid?.() ?? 0}`);
  if (!(await ownFolder(folder))) return act(false);
  const file = join(folder, createHash('sha256').update(key).digest('hex').slice(0, 16));
  const end = performance.now() + PATIENCE;
  let waited = false;
  while (!(await taken(file))) {
    waited = true;
    if (performance.now() > end) return act(waited);
    await sleep(INTERVAL);
  }
  try {
    return await act(waited);
  } finally {
    await rm(file, { force: true });
  }
}

/** In a folder that others may write to, only one of our own counts. */
async function ownFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700, recursive: true });
    const { uid, mode } = await lstat(folder);
    return (process.getuid === undefined || uid === process.getuid()) && (mode & 0o170077) === 0o040000;
  } catch {
    return false;
  }
}

/** Takes the lock; one whose process is gone is nobody's. */
async function taken(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
    if (await abandoned(file)) await rm(file, { force: true });
    return false;
  }
}

async function abandoned(file: string): Promise<boolean> {
  try {
    const holder = Number(await readFile(file, 'utf8'));
    // Nothing in it yet: whoever made it is about to write, or was killed at that moment.
    return holder > 0 ? !alive(holder) : Date.now() - (await lstat(file)).mtimeMs > PATIENCE;
  } catch {
    return false;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
