import type { Sequence } from './knock/sequence.ts';
import type { Identity } from './schema/identity.ts';

/**
 * One way in that a change was to bring into force: written down before the host hears of it. Which of several is in force
 * the deployer may not know, if it was killed or cut off in the middle of a change. Secret.
 */
export interface Candidate {
  /** Names it; random, and no secret. */
  readonly id: string;
  /** Port of the front door, 1–65535. */
  readonly port: number;
  /** The administrator's login name. */
  readonly user: string;
  /** What opens the door. */
  readonly open: Sequence;
  /** What closes it. */
  readonly close: Sequence | null;
  /** Base32; what the codes of the second factor are made from, if the host asks for one. */
  readonly totp?: string | undefined;
  /** Public host keys that the change brings, `type base64`, if it brings new ones. */
  readonly hostKeys?: readonly string[] | undefined;
  /** How the deployer was to log in, as configured. */
  readonly identity?: Identity | undefined;
}

/** A candidate that has no name yet. */
export type Wanted = Omit<Candidate, 'id'>;

/** How many are kept. One more is made by each change of a door; those after the last proven one are tried. */
export const MOST_CANDIDATES = 8;

/** The list with what is wanted now in front, under a name of its own. One that had the same door is not kept twice. */
export function withWanted(
  known: readonly Candidate[],
  wanted: Wanted,
  id: string,
): readonly [Candidate, ...Candidate[]] {
  const others = known.filter((candidate) => !sameWanted(candidate, wanted));
  return [{ ...wanted, id }, ...others.slice(0, MOST_CANDIDATES - 1)];
}

/** Whether two say the same, whatever their names. */
export function sameWanted(left: Wanted, right: Wanted): boolean {
  return canonical(left) === canonical(right);
}

/**
 * Those that may be in force although they were never proven, newest first: everything written down since the proven one.
 *
 * @param proven the name of the candidate that was proven last; undefined, or not in the list: any of them may be.
 */
export function unproven(known: readonly Candidate[], proven: string | undefined): readonly Candidate[] {
  const index = known.findIndex(({ id }) => id === proven);
  return index === -1 ? known : known.slice(0, index);
}

/**
 * Something else than what is wanted now was wanted since the last proof, and nobody knows whether it came into force: the
 * change was cut off, or taken back. Another identity of the deployer is none.
 */
export function isUnsettled(known: readonly Candidate[], proven: string | undefined): boolean {
  const [now, ...before] = unproven(known, proven).map((each) => ({ ...each, identity: undefined }));
  return now !== undefined && before.some((late) => !sameWanted(late, now));
}

/** A list as the one text that the engine's state keeps: it has less to do with one value (docs/decisions/0060). Secret. */
export function candidatesText(candidates: readonly Candidate[]): string {
  return JSON.stringify(candidates);
}

/** One that is wanted, as text; the same for the same door, in whatever order its keys come. Secret. */
export function wantedText(wanted: Wanted): string {
  return canonical(wanted);
}

/** Reads {@link candidatesText} of a state that the plugin wrote. */
export function candidatesOf(text: string | undefined): readonly Candidate[] {
  return text === undefined ? [] : JSON.parse(text);
}

function canonical({ port, user, open, close, totp, hostKeys, identity }: Wanted): string {
  return JSON.stringify({
    port,
    user,
    open: open.map(knock),
    close: close?.map(knock) ?? null,
    totp,
    hostKeys,
    identity,
  });
}

function knock({ port, protocol, spa }: Sequence[number]) {
  return { port, protocol, ...(spa === undefined ? {} : { spa: { key: spa.key, hmacKey: spa.hmacKey } }) };
}
