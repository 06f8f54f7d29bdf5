import type { Contender } from './contenders/contender.ts';
import type { Calm } from './quiet.ts';

/** What was timed: taking fresh hosts to the end state, or a run with nothing to do. */
export type Action = 'harden' | 'up, nothing to change' | 'preview, nothing to change';

/**
 * Whose run it was. The empty program is the engine's floor: with the engine as it comes, and with the compiled code kept
 * as `tools/pulumi.sh` has it (docs/decisions/0060).
 */
export type Subject = Contender['name'] | Floor;

/** The two empty programs. */
export const FLOORS = ['empty program', 'empty program, compiled code kept'] as const;

/** One of {@link FLOORS}. */
export type Floor = (typeof FLOORS)[number];

/** One measured run. */
export interface Sample extends Calm {
  readonly subject: Subject;
  readonly action: Action;
  /** How many hosts, side by side. */
  readonly hosts: number;
  /** From 1. */
  readonly round: number;
  readonly milliseconds: number;
}

/** The times of one series, in milliseconds, in the order of the rounds. */
export function series(
  samples: readonly Sample[],
  subject: Subject,
  action: Action,
  hosts: number,
): number[] {
  return samples
    .filter((sample) => sample.subject === subject && sample.action === action && sample.hosts === hosts)
    .map(({ milliseconds }) => milliseconds);
}
