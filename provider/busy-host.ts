import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError } from '../transaction/agent.ts';
import type { Report } from '../transaction/job.ts';

/**
 * Makes a change of a host that may still be at work with one that was interrupted: it rolls that back by itself, and is
 * waited for.
 *
 * @param seconds how long, at most: the time after which the host rolls back, and what that takes.
 * @param interval milliseconds between two tries.
 */
export async function onceFree<T>(
  change: () => Promise<T>,
  seconds: number,
  report: Report,
  signal: AbortSignal,
  interval = 5000,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await change();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (!(cause instanceof BusyError) || signal.aborted || performance.now() > end) throw error;
      report(`${cause.message}: an interrupted one; waiting until the host has rolled it back`);
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
  }
}
