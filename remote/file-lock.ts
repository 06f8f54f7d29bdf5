import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStillAlive, startOf } from './process.ts';

/** What somebody's turn is for: how long it is waited for depends on it. */
export type LockPurpose = 'knock' | 'measurement' | 'proof' | 'change';

/**
 * How long somebody else's turn is waited for, in milliseconds. One knock: longer than an attempt takes, shorter than ssh
 * waits. A measurement of `status` or `doctor`. The proof of a change, which a knock from here would spoil; on a slow host
 * it takes minutes.
 */
const LOCK_TIMEOUT: Readonly<Record<LockPurpose, number>> = {
  knock: 4000,
  measurement: 30_000,
  proof: 180_000,
  change: 0,
};

/** Between two looks at whether it is over, in milliseconds. */
const INTERVAL = 25;

/**
 * Does something while no other process of this user on this machine does the same to the same address: knocks that
 * arrive mixed open nothing. A courtesy and no guarantee: where the lock cannot be had, it is done without.
 *
 * @param key what it is done to; does not show in the lock's name.
 * @param act is told whether somebody else's turn was waited for.
 * @param purpose what others are told who wait.
 */
export async function withFileLock<T>(
  key: string,
  act: (waited: boolean) => Promise<T>,
  purpose: LockPurpose = 'knock',
): Promise<T> {
  if (!(await ownFolder(lockFolder()))) return act(false);
  const file = fileOf(key);
  const begin = performance.now();
  let waited = false;
  while (!(await taken(file, purpose))) {
    waited = true;
    const holder = (await read(file))?.purpose ?? 'knock';
    if (performance.now() > begin + LOCK_TIMEOUT[holder]) return act(waited);
    await sleep(INTERVAL);
  }
  try {
    return await act(waited);
  } finally {
    await rm(file, { force: true });
  }
}

/** The same for several of these at once. */
export async function withFileLocks<T>(
  keys: readonly string[],
  act: () => Promise<T>,
  purpose: LockPurpose,
): Promise<T> {
  // In one order for everybody, so that no two wait for each other.
  const [key, ...rest] = [...new Set(keys)].sort();
  return key === undefined ? act() : withFileLock(key, () => withFileLocks(rest, act, purpose), purpose);
}

/** Whose turn it is. */
export interface LockHolder {
  readonly process: number;
  /** When that process began, see {@link startOf}; undefined: not known. */
  readonly start: string | undefined;
  readonly purpose: LockPurpose;
  /** When it began, in UTC (ISO 8601). */
  readonly since: string;
}

/** Whose turn it is now; undefined where it is nobody's, or its process is gone. */
export async function lockHolder(key: string): Promise<LockHolder | undefined> {
  const holder = await read(fileOf(key));
  return holder !== undefined && isStillAlive(holder.process, holder.start) ? holder : undefined;
}

/** What the front door of a host is called, by whoever knocks at it from there. */
export function doorKey(vantage: string, address: string, port: number): string {
  return `${vantage} ${address} ${port}`;
}

/** What a host that is being changed is called. */
export function changeKey(address: string): string {
  return `change ${address}`;
}

function lockFolder(): string {
  return join(tmpdir(), `postern-knocking-${process.getuid?.() ?? 0}`);
}

function fileOf(key: string): string {
  return join(lockFolder(), createHash('sha256').update(key).digest('hex').slice(0, 16));
}

async function read(file: string): Promise<LockHolder | undefined> {
  try {
    const [pid, purpose = '', start] = (await readFile(file, 'utf8')).split(' ');
    const since = (await lstat(file)).mtime.toISOString();
    return {
      process: Number(pid),
      start,
      purpose: Object.hasOwn(LOCK_TIMEOUT, purpose) ? (purpose as LockPurpose) : 'knock',
      since,
    };
  } catch {
    return undefined;
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
async function taken(file: string, purpose: LockPurpose): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    const start = startOf(process.pid);
    await handle.writeFile([process.pid, purpose, ...(start === undefined ? [] : [start])].join(' '));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
    if (await abandoned(file)) await rm(file, { force: true });
    return false;
  }
}

async function abandoned(file: string): Promise<boolean> {
  const holder = await read(file);
  if (holder === undefined) return false;
  // Nothing in it yet: whoever made it is about to write, or was killed at that moment.
  return holder.process > 0
    ? !isStillAlive(holder.process, holder.start)
    : Date.now() - Date.parse(holder.since) > LOCK_TIMEOUT.knock;
}
