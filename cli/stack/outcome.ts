import type { ChangeResult } from '../../transaction/record/change-result.ts';
import { commandOf } from '../../transaction/record/started-operation.ts';
import type { Cell } from '../command-line/table.ts';
import { shortTime } from '../command-line/time.ts';

/** What became of one host, in a word, and the reason where it is not well. */
export interface Outcome {
  readonly word:
    | 'sealed'
    | 'unchanged'
    | 'not as sealed'
    | 'restored'
    | 'failed'
    | 'cut off'
    | 'not reached'
    | 'not sealed';
  /** What the operator is told besides; undefined: nothing. */
  readonly reason: string | undefined;
}

/** Outcomes that somebody has to see to. */
const BAD: readonly Outcome['word'][] = ['not as sealed', 'failed', 'cut off', 'not reached', 'not sealed'];

/**
 * What became of a host.
 *
 * @param sealedAt when it was sealed (ISO 8601), as the state has it; undefined: never.
 * @param since when the run in question began (ISO 8601); undefined: any run counts.
 */
export function outcomeOf(
  sealedAt: string | undefined,
  result: ChangeResult | undefined,
  since: string | undefined,
): Outcome {
  const ofRun = result !== undefined && (since === undefined || result.began >= since) ? result : undefined;
  // A state that is newer than a failure has outlived it: another machine may have brought it there.
  const outlived = since === undefined && sealedAt !== undefined && sealedAt > (ofRun?.before ?? '');
  if (ofRun?.failure !== undefined && !outlived) return { word: 'failed', reason: ofRun.failure };
  if (ofRun !== undefined && ofRun.ended === undefined && !outlived)
    return { word: 'cut off', reason: cutOff(ofRun) };
  if (sealedAt !== undefined) {
    const sealed = since === undefined || (ofRun !== undefined && ofRun.operation === 'harden');
    return { word: sealed ? 'sealed' : 'unchanged', reason: undefined };
  }
  if (ofRun?.operation === 'restore') return { word: 'restored', reason: undefined };
  if (ofRun !== undefined) return { word: 'not sealed', reason: gone(ofRun) };
  return since === undefined
    ? { word: 'not sealed', reason: 'no state has it, and nothing was done to it from this machine.' }
    : {
        word: 'not reached',
        reason: 'the run left this host out, or ended before it came to it; the host is as it was.',
      };
}

/** Whether somebody has to see to a host. */
export function isBad({ word }: Outcome): boolean {
  return BAD.includes(word);
}

/** The outcome as a cell of a table. */
export function outcomeCell(outcome: Outcome): Cell {
  if (isBad(outcome)) return { text: outcome.word.toUpperCase(), tone: 'bad' };
  return { text: outcome.word, tone: outcome.word === 'sealed' ? 'good' : 'plain' };
}

/** How many hosts came off how: `1 sealed, 2 unchanged`. */
export function outcomeCounts(outcomes: readonly Outcome[]): string {
  const words = [...new Set(outcomes.map(({ word }) => word))];
  return words.map((word) => `${outcomes.filter((each) => each.word === word).length} ${word}`).join(', ');
}

function gone({ ended = '' }: ChangeResult): string {
  return `it was sealed from here ${shortTime(ended)}, and no state has it: it was removed with its VPS, or the state is lost (docs/state.md).`;
}

function cutOff({ operation, began }: ChangeResult): string {
  return `${commandOf(operation)} that began ${shortTime(began)} has not ended here: it is under way, or its process was killed and the host rolls it back by itself.`;
}
