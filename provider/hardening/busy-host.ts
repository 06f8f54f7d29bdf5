import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError } from '../../transaction/agent.ts';
import { NoLoginError } from '../../transaction/connect.ts';
import type { Report } from '../../transaction/job.ts';

/** How often more a host is tried that turned this client away: in the middle of a rollback it may, once. */
const REFUSED_TRIES = 1;

/**
 * Makes a change of a host that may still be at work with one that was interrupted: it rolls that back by itself, and is
 * waited for. In the middle of that its door and its sshd are those of two postures, and nobody may get in.
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
  let tries = REFUSED_TRIES;
  for (;;) {
    try {
      return await change();
    } catch (error) {
      const cause = causeOf(error);
      const shut = cause instanceof NoLoginError;
      if (!(shut || cause instanceof BusyError) || signal.aborted || performance.now() > end) throw error;
      const refused = shut && cause.turnedAway;
      if (refused && tries-- === 0) throw error;
      report(
        shut
          ? 'nobody gets in: it may be rolling back an interrupted change; waiting until it has'
          : `${cause.message}: an interrupted one; waiting until the host has rolled it back`,
      );
      await sleep(refused ? 4 * interval : interval, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Whether the host refused a change because it was at work with another. */
export function isRefusedByBusyHost(error: unknown): boolean {
  return causeOf(error) instanceof BusyError;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
