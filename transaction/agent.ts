import { expectSuccess } from '../remote/ssh/result.ts';
import type { Session } from '../remote/ssh/session.ts';
import { type Facts, parseFacts } from './facts.ts';
import { program } from './programs.ts';

/** Where the programs of a change live on its host. */
const AGENT = '/var/lib/postern/agent/agent.sh';

/** Exit status of `arm.sh` when another change is under way (EX_TEMPFAIL of sysexits.h). */
const BUSY = 75;

/** Another change is under way on the host; nothing was done. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** Reads what has to be known of a host. Writes nothing there. */
export async function readFacts(session: Session): Promise<Facts> {
  const script = program('facts-account.sh') + program('facts-socket.sh') + program('facts.sh');
  const result = await session.run({ script, timeoutSeconds: 30 });
  return parseFacts(expectSuccess(result, 'read the facts of the host'));
}

/**
 * Hands the host everything it needs to make and to undo the change, and arms the undo.
 *
 * @throws BusyError when another change is under way.
 */
export async function arm(session: Session, bundle: Uint8Array): Promise<void> {
  const result = await session.run({ script: program('stage.sh'), stdin: bundle, timeoutSeconds: 90 });
  if (result.code === BUSY) throw new BusyError(result.stderr.trim());
  expectSuccess(result, 'prepare the host and arm its undo');
}

/** What a verb of the agent may be given. */
export interface VerbOptions {
  readonly args?: readonly string[];
  readonly stdin?: string;
  /** Default 90: longer than any step may hold the host's lock. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
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
  const { args = [], stdin, timeoutSeconds = 90, signal, onLine } = options;
  const result = await session.run({
    argv: ['sh', AGENT, verb, id, ...args],
    timeoutSeconds,
    ...(stdin === undefined ? {} : { stdin }),
    ...(signal === undefined ? {} : { signal }),
    ...(onLine === undefined ? {} : { onStdoutLine: onLine }),
  });
  return expectSuccess(result, `run the step ${verb}`).trim();
}

/** The command line of a step, for a login of its own. */
export function stepArgv(verb: string, id: string): string[] {
  return ['sh', AGENT, verb, id];
}
