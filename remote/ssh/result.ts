import { constants } from 'node:os';
import { RemoteError } from '../error.ts';
import { sanitise } from '../sanitise.ts';
import type { Outcome } from './channel.ts';
import { EXPIRED } from './diagnose.ts';

/** What a program that ran to its end left. */
export interface RunResult {
  /** Exit status, 0–255; 128 + n when signal n ended the program. */
  readonly code: number;
  /** Name of the signal that ended the program, by the shell's convention for {@link code}; null when none did. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function signalOf(code: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}

/**
 * Turns an outcome into a result, or throws the error that says why there is none.
 *
 * @param where who was asked, for the error's text.
 * @throws RemoteError `timeout`, `cancelled`, `output-limit`, `sudo-refused`, `account-expired`, `no-shell` or `closed`.
 */
export function resultOf(outcome: Outcome, where: string): RunResult {
  const { stdout, stderr } = outcome;
  if (outcome.end === 'finished')
    return { code: outcome.status, signal: signalOf(outcome.status), stdout, stderr };
  const said = sanitise(`${stdout.slice(-1000)}\n${stderr.slice(-1000)}`, 600);
  const still = outcome.started ? 'It may still be running there.' : 'It had not begun.';
  if (outcome.end === 'timeout')
    throw new RemoteError('timeout', `a program on ${where} took longer than allowed. ${still}`, said);
  if (outcome.end === 'cancelled')
    throw new RemoteError('cancelled', `a program on ${where} was no longer waited for. ${still}`, said);
  if (outcome.end === 'output-limit')
    throw new RemoteError(
      'output-limit',
      `a program on ${where} wrote more than allowed and was cut off.`,
      said,
    );
  if (outcome.end !== 'lost') return outcome.end satisfies never;
  if (outcome.started)
    throw new RemoteError('closed', `the connection to ${where} ended before the program did.`, said);
  const noise = sanitise(outcome.noise, 600);
  if (/^sudo(-rs)?: /m.test(noise))
    throw new RemoteError(
      'sudo-refused',
      `sudo on ${where} did not run a command without a password. Allow the user NOPASSWD, or log in as root.`,
      noise,
    );
  if (EXPIRED.test(noise))
    throw new RemoteError(
      'account-expired',
      `${where} took the key, but the account or its password has expired. In its console: chage -M -1 -I -1 -E -1 USER; and chage -d 1 USER if it must change its password first.`,
      noise,
    );
  throw new RemoteError(
    'no-shell',
    `logged in to ${where}, but the account did not run the command it was given (a forced command, a login shell that refuses, or a connection that broke).`,
    noise,
  );
}

/**
 * The standard output of a program that has to succeed.
 *
 * @param what what the program was to do, for the error's text: "read the host's facts".
 * @throws RemoteError `program` when its status is not 0.
 */
export function expectSuccess(result: RunResult, what: string): string {
  if (result.code === 0) return result.stdout;
  const seen = sanitise(`${result.stdout.slice(-2000)}\n${result.stderr.slice(-4000)}`, 1500);
  throw new RemoteError('program', `could not ${what}: exit status ${result.code}`, seen);
}
