import { setTimeout as sleep } from 'node:timers/promises';
import { engineOf } from '../../posture/knock/engines.ts';
import { sameSequence } from '../../posture/knock/sequence.ts';
import { defaultGap } from '../../remote/knock.ts';
import { knock } from './door.ts';
import { SHORT_SECONDS } from './door-timeout.ts';
import type { EvidenceLog } from './evidence.ts';
import type { NegativeCheck } from './negative-checks.ts';
import type { View } from './view.ts';

/** Milliseconds before the knocks, so that a kernel which counts from the step that shortened its time is done in between. */
const LEAD = 150;

/** Milliseconds that a timer of this machine may be wrong by, besides what packets may be held up for on their way. */
const SLACK = 20;

/** Milliseconds of a round trip that was not measured. */
const UNKNOWN_ROUND_TRIP = 100;

/** Knocks in vain that were sent while the door stood open. */
export interface OverlappedChecks {
  /** When the first of them was sent, as `performance.now()` says. */
  readonly begin: number;
  /** From when on it would show that one of them opened, in the same time. */
  readonly shows: number;
}

/**
 * Sends what must open nothing while a timed door stands open, whose time was shortened: it would open the door anew, and
 * so keep it open. That takes none of the time in which nothing else can be done.
 *
 * @param latency milliseconds that the host took to open for the right sequence.
 * @returns undefined where nothing can be told that way: the door's program, which knockd runs, counts its time anew for
 * every opening, other engines may not, or take too long; and what closes the door would do so.
 */
export async function sendOverlapped(
  view: View,
  tries: readonly NegativeCheck[],
  latency: number,
): Promise<OverlappedChecks | undefined> {
  const { close } = view.sequences;
  const closes = ({ knocks }: NegativeCheck) => close !== null && sameSequence(knocks, close);
  if (!engineOf(view.posture.knock.engine).checksMayOverlap || tries.some(closes)) return undefined;
  if (2 * latency >= lasts(view)) return undefined;
  await sleep(LEAD);
  const begins = [];
  for (const { knocks } of tries) begins.push(await knock(view, knocks, defaultGap));
  return { begin: Math.min(...begins), shows: performance.now() + 2 * latency };
}

/**
 * Writes down that they opened nothing, where that is so.
 *
 * @param shut when the door was found shut, as `performance.now()` says.
 * @returns those of which it can't be told: an opening of theirs might have been over by then, or not have begun.
 */
export function recordOverlapped(
  view: View,
  log: EvidenceLog,
  tries: readonly NegativeCheck[],
  passing: OverlappedChecks | undefined,
  shut: number,
): readonly NegativeCheck[] {
  if (passing === undefined) return tries;
  if (shut < passing.shows || shut > passing.begin + lasts(view)) return tries;
  for (const { what } of tries)
    log.record(
      `ssh port ${view.posture.ssh.port} after ${what}`,
      'silent',
      'silent: sent while it stood open, it did not keep it open',
      true,
    );
  return [];
}

/** Milliseconds for which an opening would keep the door open for sure. */
function lasts({ roundTrip = UNKNOWN_ROUND_TRIP }: View): number {
  return SHORT_SECONDS * 1000 - SLACK - 2 * roundTrip;
}
