import type { Program } from './program.ts';

/** What to run, and how long and how much of it to wait for. */
export interface RunOptions extends Program {
  /** Seconds the caller waits for the program's end. */
  readonly timeoutSeconds: number;
  /** Most bytes of standard output, and of standard error; default {@link defaultOutputBytes}. */
  readonly maxOutputBytes?: number | undefined;
  /** Called with each line of standard output as it comes. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  /** Stops the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Most bytes a program may write unless told otherwise: 4 MiB. */
export const defaultOutputBytes: number = 4 * 1024 * 1024;
