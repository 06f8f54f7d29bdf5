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
    super(`${what}\nThe host: ${host}\nNext: ${next}`, options);
    this.unsettled = options.unsettled ?? false;
  }
}

/**
 * The change was committed, so the host keeps it, but its end was not seen: it may not be sealed yet. What was proven is
 * carried along, because without the new sequence and host keys nobody could come in again.
 */
export class KeptError extends Error {
  override readonly name = 'KeptError';
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
    super(seen, options);
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

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
