import { isIP } from 'node:net';
import { z } from 'zod';
import { shortest } from '../../remote/address.ts';

/** What the log of a host tells of one knock. */
export interface KnockEvent {
  /** When the host saw it, ISO 8601 in UTC, to the millisecond. */
  readonly at: string;
  /**
   * `stage`: a knock of a sequence came, in its order, or a single packet that was taken; `expired`: no further one came in
   * time; `opened`, `closed`: the door, for the knocker; `refused`: a single packet with the right keys was not taken.
   */
  readonly event: 'stage' | 'expired' | 'opened' | 'closed' | 'refused';
  /** Who knocked: an IP address. */
  readonly from: string;
  /** Which door the sequence is for; null where the line does not say. */
  readonly door: 'open' | 'close' | null;
  /** How many knocks have come; null for other events. */
  readonly stage: number | null;
  /** How many the sequence has; null where it is not known. */
  readonly of: number | null;
  /**
   * Seconds for which the door was opened; null: until it is closed, or no such event. Of a packet that was refused for
   * its time: how far that is from the host's.
   */
  readonly seconds: number | null;
  /** Why a packet was refused: `clock`, made too long ago or ahead of its time; `replay`, it came before. Null for others. */
  readonly why: 'clock' | 'replay' | null;
}

/** How many knocks the sequences of a host have. */
export interface Lengths {
  readonly open: number;
  /** Null: there is no closing sequence. */
  readonly close: number | null;
}

const Entry = z.object({
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,18}$/),
  __CURSOR: z.string().regex(/^[\w;=-]{1,400}$/),
  MESSAGE: z.string(),
  _TRANSPORT: z.string().optional(),
});

/** One entry of the journal. */
export type JournalEntry = z.infer<typeof Entry>;

/** A line of `journalctl -o json`; undefined where it is none, or its message is not text. */
export function readEntry(line: string): JournalEntry | undefined {
  try {
    return Entry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const ADDRESS = '(?<from>[0-9a-fA-F.:]{2,45})';

type Words = Readonly<Record<string, string | undefined>>;

interface Wording {
  readonly pattern: RegExp;
  readonly event: KnockEvent['event'];
  readonly why?: KnockEvent['why'];
}

// knockd's and fwknopd's own words; those of the door program and of the kernel engine. No port is in what they capture.
const wordings: readonly Wording[] = [
  {
    pattern: new RegExp(`^${ADDRESS}: postern-(?<door>open|close): Stage (?<stage>\\d{1,9})$`),
    event: 'stage',
  },
  {
    pattern: new RegExp(
      `^${ADDRESS}: postern-(?<door>open|close): sequence timeout \\(stage (?<stage>\\d{1,9})\\)$`,
    ),
    event: 'expired',
  },
  { pattern: new RegExp(`^opened for ${ADDRESS}, (?:(?<seconds>\\d{1,9}) s|until .*)$`), event: 'opened' },
  { pattern: new RegExp(`^closed for ${ADDRESS}$`), event: 'closed' },
  {
    pattern: new RegExp(
      `^(?:stage|(?<door>open|close)(?: stage)?) (?<stage>\\d{1,9}) of (?<of>\\d{1,9}) (?:for ${ADDRESS}|.*\\bSRC=(?<source>\\S+))`,
    ),
    event: 'stage',
  },
  { pattern: /^opened(?:, (?<seconds>\d{1,9}) s)?[ :].*\bSRC=(?<source>\S+)/, event: 'opened' },
  { pattern: /^closed[ :].*\bSRC=(?<source>\S+)/, event: 'closed' },
  {
    pattern: new RegExp(
      `^\\[${ADDRESS}\\] \\(stanza #\\d{1,9}\\) Running CMD_CYCLE_OPEN command: \\S+ (?<door>open|close) `,
    ),
    event: 'stage',
  },
  {
    pattern: new RegExp(
      `^\\[${ADDRESS}\\] \\(stanza #\\d{1,9}\\) SPA data time difference is too great \\((?<seconds>\\d{1,9}) seconds\\)`,
    ),
    event: 'refused',
    why: 'clock',
  },
  { pattern: new RegExp(`^Replay detected from source IP: ${ADDRESS},`), event: 'refused', why: 'replay' },
];

/** What an entry tells of a knock; undefined where that is nothing. */
export function eventOf(entry: JournalEntry, lengths: Lengths): KnockEvent | undefined {
  // The kernel's lines have their tag inside; others of its lines quote names that any user gave to a process.
  if (entry._TRANSPORT === 'kernel' && !/^postern-(?:knock|door)[: ]/.test(entry.MESSAGE)) return undefined;
  const message = entry.MESSAGE.replace(/^postern-(?:knock|door):? /, '');
  for (const { pattern, event, why = null } of wordings) {
    const words: Words | undefined = pattern.exec(message)?.groups;
    if (words === undefined) continue;
    const from = shortest(words['from'] ?? words['source'] ?? '');
    return isIP(from) === 0 ? undefined : { ...toEvent(event, from, words, entry, lengths), why };
  }
  return undefined;
}

function toEvent(
  event: KnockEvent['event'],
  from: string,
  words: Words,
  entry: JournalEntry,
  lengths: Lengths,
): Omit<KnockEvent, 'why'> {
  // fwknopd counts nothing: its one packet is all there is.
  const { door = null, seconds, stage = 1 } = words;
  const counts = event === 'stage' || event === 'expired';
  return {
    at: new Date(Number(entry.__REALTIME_TIMESTAMP) / 1000).toISOString(),
    event,
    from,
    door: door === 'open' || door === 'close' ? door : null,
    stage: counts ? Number(stage) : null,
    of: counts ? lengthOf(words, lengths) : null,
    seconds: seconds === undefined ? null : Number(seconds),
  };
}

function lengthOf({ of, door, stage }: Words, lengths: Lengths): number | null {
  if (of !== undefined) return Number(of);
  const length = door === 'close' ? lengths.close : lengths.open;
  // An old line may be of another sequence; knockd's have several knocks.
  if (length === null || stage === undefined) return length;
  return length >= Math.max(2, Number(stage)) ? length : null;
}

/** An event as a line for people. */
export function eventLine({ at, event, from, door, stage, of, seconds, why }: KnockEvent): string {
  const time = `${at.slice(0, 23).replace('T', ' ')}Z`;
  const count = of === null ? `stage ${stage}` : `stage ${stage} of ${of}`;
  const sequence = door === 'close' ? ' of the closing sequence' : '';
  const text = {
    stage: `${count}${sequence}`,
    expired: `gave up after ${count}${sequence}: its time was over`,
    opened: seconds === null ? 'opened, until it is closed' : `opened for ${seconds} s`,
    closed: 'closed',
    refused:
      why === 'clock'
        ? `refused: the clock of who sent it and this host’s are ${seconds} s apart`
        : 'refused: the same packet came before',
  }[event];
  return `${time}  ${from.padEnd(15)}  ${text}`;
}
