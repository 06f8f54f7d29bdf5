/** What the exit status of `postern` says. */
export const exitCode = {
  ok: 0,
  /** Something failed; the last lines on standard error say what, and what to do next. */
  failed: 1,
  /** The command line is not understood, or does not say enough; nothing was done. */
  usage: 2,
  /** The door did not open, or not close. */
  door: 3,
  /** Something that has to be closed answers. */
  exposed: 4,
} as const;

/** One of {@link exitCode}'s values, or a program's own status that is passed on. */
export type ExitCode = number;

/** Every exit status and its meaning in one sentence, for help and documentation. */
export const exitMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCode.ok, 'Done; with `status`, everything is as promised.'],
  [exitCode.failed, 'Failed; standard error says what, and what to do next.'],
  [
    exitCode.usage,
    'The command line is not understood, or does not say which stack or host is meant. Nothing was done.',
  ],
  [exitCode.door, 'The door did not open after the knock, or not close after the closing knock.'],
  [exitCode.exposed, '`status` only: something that has to be closed answers.'],
];

/** An error for the operator: its message is printed as it is, without a stack trace. Never holds a secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** The exit status that it leads to. */
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exitCode.failed) {
    super(message);
    this.code = code;
  }
}

/** The command line is not understood, or does not say enough. */
export function usageError(message: string): CommandError {
  return new CommandError(message, exitCode.usage);
}
