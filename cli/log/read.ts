import { readFileSync } from 'node:fs';
import type { KnockOutput } from '../../components/outputs.ts';
import { RemoteError } from '../../remote/error.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import type { Session } from '../../remote/ssh/session.ts';
import { eventOf, type KnockEvent, type Lengths, readEntry } from './event.ts';

const script = readFileSync(new URL('./journal.sh', import.meta.url), 'utf8');

/** Seconds after which the program on the host ends by itself and is started anew: what is left there never lives longer. */
const round = 600;

/** Where in a host's journal something was read: its cursor. */
export type Cursor = string;

/** What was read, and up to where. */
export interface ReadEvents {
  readonly events: readonly KnockEvent[];
  /** Undefined where the journal has nothing of knocks. */
  readonly cursor: Cursor | undefined;
}

/** How many knocks the sequences of a host have. */
export function lengthsOf({ open, close }: KnockOutput): Lengths {
  return { open: open.length, close: close?.length ?? null };
}

/**
 * Reads what the journal has of knocks since a time, oldest first.
 *
 * @param since a time as `journalctl --since` takes it.
 * @param most entries at most, the last ones.
 * @throws RemoteError when the journal cannot be read.
 */
export async function readEvents(
  session: Session,
  lengths: Lengths,
  since: string,
  most: number,
): Promise<ReadEvents> {
  const ask = async (argv: readonly string[]) =>
    expectSuccess(await session.run({ argv, timeoutSeconds: 60 }), 'read the journal');
  return eventsBy(ask, lengths, since, most);
}

/** The same, by whatever runs a command as root on the host and gives its standard output. */
export async function eventsBy(
  ask: (argv: readonly string[]) => Promise<string>,
  lengths: Lengths,
  since: string,
  most: number,
): Promise<ReadEvents> {
  const text = await ask(['sh', '-c', script, 'journal.sh', 'since', since, String(most)]);
  const entries = text.split('\n').flatMap((line) => readEntry(line) ?? []);
  // The newest come first, because only then journalctl has the last ones of those that fit.
  entries.reverse();
  return {
    events: entries.flatMap((entry) => eventOf(entry, lengths) ?? []),
    cursor: entries.at(-1)?.__CURSOR,
  };
}

/**
 * Hands over what comes after a cursor, or from now on, as it comes, until the signal fires.
 *
 * @throws RemoteError when the connection breaks.
 */
export async function followEvents(
  session: Session,
  lengths: Lengths,
  from: Cursor | undefined,
  onEvent: (event: KnockEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let cursor = from ?? '';
  const onStdoutLine = (line: string) => {
    const entry = readEntry(line);
    if (entry === undefined) return;
    cursor = entry.__CURSOR;
    const event = eventOf(entry, lengths);
    if (event !== undefined) onEvent(event);
  };
  while (!signal.aborted) {
    const args = ['follow', cursor, String(round)];
    try {
      await session.run({ script, args, timeoutSeconds: round + 60, onStdoutLine, signal });
    } catch (error) {
      if (error instanceof RemoteError && error.kind === 'cancelled') return;
      throw error;
    }
  }
}
