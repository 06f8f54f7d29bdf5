import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { LabError } from './error.ts';

/** How a program ended. */
export interface ProgramResult {
  /** Exit status; 128 + the signal's number if a signal ended it, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is given besides its arguments. */
export interface ProgramInput {
  /** Default: nothing. */
  readonly stdin?: string | Uint8Array;
  /** Called for each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Kill the program and all it started after so many seconds. Default: never. */
  readonly timeoutSeconds?: number;
}

/** The path of one of the lab's shell programs, such as `host/create.sh`. */
export function programPath(name: string): string {
  return path.join(import.meta.dirname, name);
}

/**
 * Runs a program to its end and collects what it printed.
 *
 * @throws {LabError} if it cannot be started or does not end in time
 */
export function runProgram(argv: readonly string[], input: ProgramInput = {}): Promise<ProgramResult> {
  const [file = '', ...args] = argv;
  // A group of its own, so that a timeout also ends what the program started.
  const child = spawn(file, args, { detached: true, stdio: 'pipe' });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  if (input.onLine) createInterface(child.stdout).on('line', input.onLine);
  // A program that ends without reading its input is judged by its exit status.
  child.stdin.on('error', () => {});
  child.stdin.end(input.stdin ?? '');

  return new Promise((resolve, reject) => {
    const timer =
      input.timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => {
            if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
            reject(
              new LabError(
                `${argv.join(' ')} did not end within ${input.timeoutSeconds} s: ${tail(output.stderr)}`,
              ),
            );
          }, input.timeoutSeconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new LabError(`${file} cannot be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), ...output });
    });
  });
}

/**
 * Runs one of the lab's shell programs; gives what it printed on standard output, trimmed.
 *
 * @throws {LabError} with its standard error if its exit status is not 0
 */
export async function runLabProgram(
  name: string,
  args: readonly string[],
  input: ProgramInput = {},
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(['sh', programPath(name), ...args], input);
  if (code !== 0)
    throw new LabError(`lab/${name} failed (exit status ${code}): ${tail(stderr) || 'it said nothing'}`);
  return stdout.trim();
}

/** The last lines of a text, enough to see what happened. */
export function tail(text: string): string {
  return text.trim().split('\n').slice(-15).join('\n');
}
