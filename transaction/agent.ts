import { RemoteError } from '../remote/error.ts';
import { sanitise } from '../remote/sanitise.ts';
import { expectSuccess } from '../remote/ssh/result.ts';
import type { Session } from '../remote/ssh/session.ts';
import type { SealedBy } from './drift/unknown-change.ts';
import { FACTS_BYTES, readFactLines } from './facts/fact-lines.ts';
import { type Facts, parseFacts, sealedByOf } from './facts/facts.ts';
import { program } from './programs.ts';
import { SLOW_SECONDS } from './time-limits.ts';

/** Where the programs of a change live on its host. */
const AGENT = '/var/lib/postern/agent/agent.sh';

/** Exit status of `arm.sh` when another change is under way (EX_TEMPFAIL of sysexits.h). */
const BUSY = 75;

/** What reads the facts of a host, as one script. */
const FACTS = [
  'host/systemd.sh',
  'sessions.sh',
  'facts-account.sh',
  'facts-owner.sh',
  'facts-listening.sh',
  'facts-sshd.sh',
  'facts-socket.sh',
  'facts.sh',
  'facts-sealed.sh',
] as const;

/** The host refused a step, and did nothing. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Another change is under way on the host; nothing was done. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** Reads by which change the host was last sealed; empty words where it does not say. */
export async function readSealedBy(session: Session): Promise<SealedBy> {
  const script = program('facts-sealed.sh');
  const { stdout } = await session.run({ script, timeoutSeconds: SLOW_SECONDS, maxOutputBytes: 65_536 });
  return sealedByOf(readFactLines(stdout));
}

/** Reads what has to be known of a host. Writes nothing there. */
export async function readFacts(session: Session): Promise<Facts> {
  const script = FACTS.map(program).join('');
  const result = await session.run({ script, timeoutSeconds: SLOW_SECONDS, maxOutputBytes: FACTS_BYTES });
  return parseFacts(expectSuccess(result, 'read the facts of the host'));
}

/**
 * Hands the host everything it needs to make and to undo the change, and arms the rollback.
 *
 * @throws BusyError when another change is under way.
 */
export async function arm(session: Session, bundle: Uint8Array): Promise<void> {
  const result = await session.run({ script: program('stage.sh'), stdin: bundle, timeoutSeconds: 300 });
  if (result.code === BUSY) throw new BusyError(sanitise(result.stderr, 400));
  expectSuccess(result, 'prepare the host and arm its rollback');
}

/** What a verb of the agent may be given. */
export interface VerbOptions {
  readonly args?: readonly string[];
  readonly stdin?: string;
  /** Default {@link SLOW_SECONDS}, for what is done at once; {@link stepTimeout} for a step that works. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** The exit status by which the host refuses the step, having done nothing; by default none says so. */
  readonly refusedBy?: number;
  /** Is given each line of the answer as soon as it is there. */
  readonly onLine?: (line: string) => void;
}

/** One step of change `id` on the host; resolves to what the step answers. */
export async function step(
  session: Session,
  verb: string,
  id: string,
  options: VerbOptions = {},
): Promise<string> {
  const { args = [], stdin, timeoutSeconds = SLOW_SECONDS, signal, onLine, refusedBy } = options;
  const running = session.run({
    argv: ['sh', AGENT, verb, id, ...args],
    timeoutSeconds,
    ...(stdin === undefined ? {} : { stdin }),
    ...(signal === undefined ? {} : { signal }),
    ...(onLine === undefined ? {} : { onStdoutLine: onLine }),
  });
  const result = await running.catch((error: unknown) => {
    throw namingTheClock(error, verb, timeoutSeconds);
  });
  if (result.signal === 'SIGKILL')
    throw new RemoteError('program', `something on the host ended the step ${verb} before it was done`);
  if (result.code === refusedBy)
    throw new RefusedError(`the host refused the step ${verb}: ${sanitise(result.stderr, 400)}`);
  return expectSuccess(result, `run the step ${verb}`).trim();
}

/** Which of the clocks ran out, as far as this side knows; the host's record says the rest. */
function namingTheClock(error: unknown, verb: string, seconds: number): unknown {
  if (!(error instanceof RemoteError)) return error;
  if (error.kind === 'timeout')
    return new RemoteError(
      'timeout',
      `the step ${verb} did not end within the ${seconds} s that this machine waits for it`,
      error.seen,
    );
  if (error.kind !== 'closed') return error;
  return new RemoteError('closed', `the connection ended before the step ${verb} did`, error.seen);
}
