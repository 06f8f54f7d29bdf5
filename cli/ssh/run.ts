import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { CommandError, type ExitCode } from '../command-line/exit.ts';

/**
 * Hands the terminal to a program and waits for it.
 *
 * @returns its exit status; 128 + n when signal n ended it.
 * @throws CommandError when it cannot be started.
 */
export async function runInTerminal(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const [program = '', ...words] = argv;
  const child = spawn(program, words, { stdio: 'inherit', env });
  // Ctrl-C reaches the program itself, which decides what it means; what is sent to us alone is passed on.
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  const ignore = () => {};
  const handlers = [
    ['SIGINT', ignore],
    ['SIGQUIT', ignore],
    ['SIGTERM', pass],
    ['SIGHUP', pass],
  ] as const;
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    const [code, signal] = await once(child, 'exit');
    return typeof code === 'number' ? code : 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${program} could not be started (${seen}). Is it installed?`);
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}
