import { readFileSync } from 'node:fs';
import { consoleArgv } from '../../lab/exec.ts';
import type { VpsId } from '../../lab/home.ts';
import { runProgram } from '../../lab/program.ts';
import { RemoteError } from '../../remote/error.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import type { Session } from '../../remote/ssh/session.ts';
import { type Arrival, readArrival } from './arrival.ts';
import { type WatchedPort, watchedPortLines } from './watched-ports.ts';

const program = readFileSync(new URL('./listen.pl', import.meta.url), 'utf8');

/** What is listened for, and for how long. */
export interface Listening {
  readonly ports: readonly WatchedPort[];
  /** Seconds after which the host stops by itself. */
  readonly seconds: number;
  /** Called once when nothing can be missed any more. */
  readonly onReady: () => void;
  readonly onArrival: (arrival: Arrival) => void;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** Listens to what reaches a host until its time is over or the signal fires. */
export type Listener = (listening: Listening) => Promise<void>;

/**
 * Listens by an open session.
 *
 * @throws RemoteError when the connection breaks or the host cannot listen.
 */
export function listenerBy(session: Session): Listener {
  return async (listening) => {
    const { ports, seconds, signal } = listening;
    try {
      const result = await session.run({
        argv: ['perl', '-e', program, String(seconds)],
        stdin: watchedPortLines(ports),
        timeoutSeconds: seconds + 30,
        onStdoutLine: (line) => hear(line, listening),
        signal,
      });
      expectSuccess(result, 'listen on the host (it takes perl, which Debian always has)');
    } catch (error) {
      if (!(error instanceof RemoteError && error.kind === 'cancelled')) throw error;
    }
  };
}

/** Listens by the console of a lab VPS, which needs no way in. Once begun it goes on for its seconds. */
export function listenerInLab(vps: VpsId): Listener {
  return async (listening) => {
    const { ports, seconds, signal } = listening;
    const ended = runProgram(consoleArgv(vps), {
      stdin: consoleScript(ports, seconds),
      timeoutSeconds: seconds + 30,
      onLine: (line) => hear(line, listening),
    });
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    await Promise.race([ended, stopped]);
  };
}

function hear(line: string, { ports, onReady, onArrival }: Listening): void {
  if (line === 'ready') onReady();
  const arrival = readArrival(line, ports, new Date());
  if (arrival !== undefined) onArrival(arrival);
}

/** The same as a script for a root shell, such as a provider's console. Secret: it holds the ports. */
export function consoleScript(ports: readonly WatchedPort[], seconds: number): string {
  return `perl -e "$(cat <<'PROGRAM'\n${program}PROGRAM\n)" ${seconds} <<'PORTS'\n${watchedPortLines(ports)}PORTS\n`;
}
