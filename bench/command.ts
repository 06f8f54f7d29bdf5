import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { descendants } from './processes.ts';

/** A program to run. */
export interface Command {
  readonly argv: readonly string[];
  /** Default: the bench's own. */
  readonly cwd?: string;
  /** Added to the bench's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
}

/** A line of output and when it came, in milliseconds from the start. */
export interface TimedLine {
  readonly at: number;
  readonly text: string;
}

/** What a run took and printed. */
export interface Outcome {
  readonly milliseconds: number;
  readonly lines: readonly TimedLine[];
}

/** What a run may be given besides its commands. */
export interface TimeOptions {
  readonly signal: AbortSignal;
  /** Called with the process id of each command that was started. */
  readonly onStart?: (pid: number) => void;
}

/**
 * Runs commands side by side; resolves when the last one has ended.
 *
 * @throws Error with the end of its output when one fails; the signal's reason when it fires, after everything that was
 *   started is gone.
 */
export async function time(commands: readonly Command[], { signal, onStart }: TimeOptions): Promise<Outcome> {
  signal.throwIfAborted();
  const begin = performance.now();
  const lines: TimedLine[] = [];
  const running = commands.map(({ argv: [program = '', ...args], cwd, env, stdin }) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      // A terminal's Ctrl-C is for the bench to handle.
      detached: true,
      stdio: 'pipe',
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (text) => lines.push({ at: performance.now() - begin, text }));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    if (child.pid !== undefined) onStart?.(child.pid);
    return ended(child, signal).then((code) => ({ program, code }));
  });
  const results = await Promise.all(running);
  const milliseconds = performance.now() - begin;
  signal.throwIfAborted();
  const failed = results.find(({ code }) => code !== 0);
  if (failed === undefined) return { milliseconds, lines };
  const last = lines.slice(-25).map(({ text }) => `  | ${text}`);
  throw new Error(`${failed.program} failed (${failed.code}):\n${last.join('\n')}`);
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<number | string> {
  const stop = () => end(child);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [code, name] = (await once(child, 'close')) as [number | null, string | null];
    return code ?? name ?? 'unknown end';
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Ends a program and all that it started: politely, then not. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const all = descendants(pid);
  for (const each of all) kill(each, 'SIGTERM');
  setTimeout(() => {
    for (const each of new Set([...all, ...descendants(pid)])) kill(each, 'SIGKILL');
  }, 2000).unref();
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
