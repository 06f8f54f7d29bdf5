import { excerpt } from '../remote/sanitise.ts';
import type { Sealed } from './sealed.ts';

/** Why a change did not happen, what the host is doing now, and what to do next. Never holds a secret. */
export class TransactionError extends Error {
  override readonly name = 'TransactionError';
  /** The host may be another than before: it did not say that it rolled back everything. */
  readonly unsettled: boolean;

  constructor(
    what: string,
    host: string,
    next: string,
    options: ErrorOptions & { unsettled?: boolean } = {},
  ) {
    // Each may quote the host.
    super(`${excerpt(what, 8000)}\nThe host: ${excerpt(host, 2000)}\nNext: ${excerpt(next, 2000)}`, options);
    this.unsettled = options.unsettled ?? false;
  }
}

/**
 * The change was committed, so the host keeps it, but its end was not seen: it may not be sealed yet. What was proven is
 * carried along, because without the new sequence and host keys nobody could come in again.
 */
export class CommittedUnsealedError extends Error {
  override readonly name = 'CommittedUnsealedError';
  readonly sealed: Sealed;

  constructor(failure: TransactionError, sealed: Sealed) {
    super(failure.message, { cause: failure });
    this.sealed = sealed;
  }
}

/** A step of the change failed; `seen` is what was observed. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly step: string;

  constructor(step: string, seen: string, options?: ErrorOptions) {
    super(excerpt(seen, 6000), options);
    this.step = step;
  }
}

/** Runs a step under its name, so that whatever it throws says which step it was. */
export async function inStep<T>(step: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw new StepError(step, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Sentences about a host, as many and as long as somebody reads: one that quotes too much must not hide the others. */
export function listed(sentences: readonly string[]): string[] {
  const read = sentences.slice(0, 20).map((sentence) => excerpt(sentence, 1200));
  return sentences.length === read.length
    ? read
    : [...read, `and ${sentences.length - read.length} more like these`];
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
