import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A machine that is busier than this share of its processors before a run is no place to measure. */
export const BUSY = 0.15;

/** How much else the machine had to do just before a run. */
export interface Calm {
  /** Share of all processors' time that was in use, 0 to 1. */
  readonly busy: number;
  /** Load average of the last minute; the run before counts in it. */
  readonly load: number;
}

/**
 * Writes out what earlier runs left in memory, then waits until the machine has nothing to do, for `patience` seconds at
 * most (default 20).
 *
 * @returns what was seen last, busy or not.
 */
export async function calm(signal: AbortSignal, patience = 20): Promise<Calm> {
  await promisify(execFile)('sync');
  const end = performance.now() + patience * 1000;
  let busy = await sample(signal);
  while (busy > BUSY / 2 && performance.now() < end) busy = await sample(signal);
  return { busy, load: loadavg()[0] ?? Number.NaN };
}

async function sample(signal: AbortSignal): Promise<number> {
  const before = processorTimes();
  await sleep(700, undefined, { signal });
  const after = processorTimes();
  return busyShare(before, after);
}

/** Times of all processors together, as the first line of /proc/stat has them. */
export interface ProcessorTimes {
  readonly idle: number;
  readonly all: number;
}

function processorTimes(): ProcessorTimes {
  return parseProcessorTimes(readFileSync('/proc/stat', 'utf8'));
}

/** Reads the first line of /proc/stat; waiting for a disk counts as idle. */
export function parseProcessorTimes(stat: string): ProcessorTimes {
  const fields = (stat.split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
  const all = fields.reduce((sum, field) => sum + field, 0);
  return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), all };
}

/** Share of the time between two readings in which processors worked, 0 to 1. */
export function busyShare(before: ProcessorTimes, after: ProcessorTimes): number {
  const all = after.all - before.all;
  return all <= 0 ? 0 : 1 - (after.idle - before.idle) / all;
}
