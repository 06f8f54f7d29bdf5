import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where text goes. */
export interface Sink {
  write(text: string): unknown;
}

/** What a command finds around it; tests put their own in its place. */
export interface Context {
  /** The project's folder, absolute. */
  readonly project: string;
  /** The operator's home folder, absolute. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Columns that a table may take. */
  readonly width: number;
  /** Whether standard output shows colours: a terminal, and `NO_COLOR` is not set. */
  readonly color: boolean;
}

const widest = 100;

/** The world of this process. */
export function processContext(): Context {
  const { stdout, stderr, env } = process;
  return {
    project: join(import.meta.dirname, '../..'),
    home: env.HOME ?? homedir(),
    env,
    stdout,
    stderr,
    width: Math.min(widest, Math.max(60, stdout.columns ?? widest)),
    color: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  };
}
