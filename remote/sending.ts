import type { Sequence } from '../posture/knock/sequence.ts';

/** Milliseconds between two knocks when a sequence is sent for the first time, the second, and so on. */
const GAPS = [20, 60, 120, 200] as const;

/** Milliseconds that a whole sequence may take; the shortest `knock.timeoutSeconds` is one second. */
const LONGEST = 900;

/**
 * Milliseconds between two knocks of the first try: two round trips where one was measured, since what overtakes a knock
 * has not been on its way for longer than that; at least 5 ms, at most the 20 ms of a path that nothing is known of.
 */
export function firstGap(roundTrip: number | undefined): number {
  return roundTrip === undefined ? GAPS[0] : Math.min(GAPS[0], Math.max(5, Math.ceil(2 * roundTrip)));
}

/** What is sent in one go. */
export interface Sending {
  /** Secret. */
  readonly knocks: Sequence;
  /** Between two of them. */
  readonly gapMilliseconds: number;
}

/**
 * How a sequence is sent for the `attempt`-th time, from 1; the earlier ones did not help.
 *
 * Again means with the last knock in front: where only that one was lost, it completes the sequence; where the host is
 * stuck in the middle, a knock at the wrong place ends that attempt, so that the first knock begins a new one (knockd
 * takes the packet that ends an attempt for nothing else); where nothing is begun, it is nothing. And slower each time,
 * because what overtakes a knock on the way arrives in the wrong order.
 *
 * @param first see {@link firstGap}.
 */
export function sending(sequence: Sequence, attempt: number, first = firstGap(undefined)): Sending {
  const last = sequence.at(-1);
  const knocks =
    attempt === 1 || last === undefined || sequence.length === 1 ? sequence : [last, ...sequence];
  const gap = attempt === 1 ? first : (GAPS[Math.min(attempt, GAPS.length) - 1] ?? GAPS[0]);
  return { knocks, gapMilliseconds: Math.min(gap, Math.floor(LONGEST / sequence.length)) };
}
