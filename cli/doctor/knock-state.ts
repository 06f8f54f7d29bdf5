import { readFileSync } from 'node:fs';
import { shortest } from '../../remote/address.ts';

const script = readFileSync(new URL('./door.sh', import.meta.url), 'utf8');

/** Runs a command as root on the host. @returns its standard output. */
export type Ask = (argv: readonly string[]) => Promise<string>;

/** One thing that the kernel of a host remembers of an address. */
interface Remembered {
  readonly what: string;
  /** Knocks that were counted; undefined: the address was let in. */
  readonly stage: number | undefined;
  readonly address: string;
  /** Grows with every knock; undefined where it says nothing, because what is over is forgotten. */
  readonly mark: number | undefined;
}

/** What the kernel of a host remembers of knocks. */
export interface KnockState {
  readonly entries: readonly Remembered[];
  /** It should count knocks and has no rules for it. */
  readonly deaf: boolean;
}

/** Nothing at all. */
export const NO_KNOCK_STATE: KnockState = { entries: [], deaf: false };

/** What it tells of one knocker since some time. */
export interface KnockProgress {
  /** New connections of theirs to the ssh port are let in. */
  readonly admitted: boolean;
  /** How many knocks it counted, where the kernel does that; otherwise 0. */
  readonly stage: number;
}

/** How much two marks of one knock may differ: milliseconds, or the kernel's own ticks, 100 to 1000 a second. */
const SAME = 100;

/**
 * Asks the host's kernel, which knows who knocked whatever became of the log.
 *
 * @param knocks how many the opening sequence has.
 */
export async function knockState(ask: Ask, knocks: number): Promise<KnockState> {
  return parseKnockState(await ask(['sh', '-c', script, 'door.sh', String(knocks)]));
}

/** Reads what door.sh prints. */
export function parseKnockState(text: string): KnockState {
  const now = Number(/^now (\S{1,40})$/m.exec(text)?.[1] ?? 0) * 1000;
  const lines = text.matchAll(/^(admitted|stage (\d{1,3})) (\S{2,45})(?: (\S{1,40}))?$/gm);
  const entries = Array.from(lines, ([, what = '', stage, address = '', mark]) => ({
    what,
    stage: stage === undefined ? undefined : Number(stage),
    address: shortest(address),
    mark: mark === undefined ? undefined : /^\d+$/.test(mark) ? Number(mark) : now + milliseconds(mark),
  }));
  return { entries, deaf: /^deaf$/m.test(text) };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as nft writes it, `1m14s908ms`. */
function milliseconds(time: string): number {
  const parts = Array.from(time.matchAll(/(\d+)(ms|[smhd])/g));
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

/** What of the kernel's memory is about one knocker and newer than `before`. */
export function knockProgress(before: KnockState, after: KnockState, from: string): KnockProgress {
  const marks = new Map<string, number | undefined>();
  for (const { what, address, mark } of before.entries)
    if (address === from && !marks.has(what)) marks.set(what, mark);
  const own = after.entries.filter(({ what, address, mark }) => {
    if (address !== from) return false;
    const earlier = marks.get(what);
    return mark === undefined || earlier === undefined || mark > earlier + SAME;
  });
  return {
    admitted: own.some(({ stage }) => stage === undefined),
    stage: own.reduce((most, { stage }) => Math.max(most, stage ?? 0), 0),
  };
}
