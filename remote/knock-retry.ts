import type { Sequence } from '../posture/knock/sequence.ts';

/** Milliseconds between two knocks when a sequence is sent for the first time, the second, and so on. */
const GAPS = [20, 60, 100, 140] as const;

/** Milliseconds that a whole sequence may take; the shortest `knock.timeoutSeconds` is one second. */
const LONGEST = 900;

/**
 * Milliseconds between two knocks of the first try: two round trips where one was measured, since what overtakes a knock
 * has not been on its way for longer than that; at least 5 ms, at most the 20 ms of a path that nothing is known of.
 */
export function firstGap(roundTrip: number | undefined): number {
  return roundTrip === undefined ? GAPS[0] : Math.min(GAPS[0], Math.max(LEAST, Math.ceil(2 * roundTrip)));
}

/** What is sent in one go. */
export interface KnockAttempt {
  /** Secret. */
  readonly knocks: Sequence;
  /** Between two of them. */
  readonly gapMilliseconds: number;
}

/**
 * Milliseconds between two knocks of the bursts that go before a slow sending. What somebody sends to the same host in this
 * machine's name ends an attempt if it falls between two of its knocks, so the less time there is between them, the
 * better; a few are a little slower, because packets that leave together may overtake each other.
 */
const BURSTS = [0, 2, 0, 4, 0] as const;

/** Milliseconds between two knocks of any other sending are at least these. */
const LEAST = 5;

/** Whether a sending with this pause is one of the bursts, which whoever cannot send them leaves out. */
export function isBurst(gapMilliseconds: number | undefined): boolean {
  return gapMilliseconds !== undefined && gapMilliseconds < LEAST;
}

/**
 * How a sequence is sent for the `attempt`-th time, from 1; the earlier ones did not help. One after the other, with a
 * short pause of random length in between.
 *
 * Again means with the last knock in front: where only that one was lost, it completes the sequence; where the host is
 * stuck in the middle, a knock at the wrong place ends that attempt, so that the first knock begins a new one (knockd
 * takes the packet that ends an attempt for nothing else); where nothing is begun, it is nothing. First in quick bursts,
 * for a host that somebody sends packets to in this machine's name; then slower each time, because what overtakes a knock
 * on the way arrives in the wrong order.
 *
 * @param first see {@link firstGap}.
 */
export function knockAttempts(
  sequence: Sequence,
  attempt: number,
  first = firstGap(undefined),
): KnockAttempt[] {
  const last = sequence.at(-1);
  const longest = Math.floor(LONGEST / sequence.length);
  if (last === undefined || sequence.length === 1) return [{ knocks: sequence, gapMilliseconds: 0 }];
  if (attempt === 1) return [{ knocks: sequence, gapMilliseconds: Math.min(first, longest) }];
  const knocks = [last, ...sequence];
  const slow = GAPS[Math.min(attempt, GAPS.length) - 1] ?? GAPS[0];
  return [...BURSTS, slow].map((gap) => ({ knocks, gapMilliseconds: Math.min(gap, longest) }));
}
