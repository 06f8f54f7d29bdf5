import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../posture/knock/sequence.ts';
import { doorKey, withFileLock } from './file-lock.ts';
import { knockAttempts } from './knock-retry.ts';
import type { TcpState } from './probe.ts';
import type { Vantage } from './vantage.ts';

/** How long a host may take from the last knock to the open or closed door, in milliseconds. */
export const OPEN_LATENCY = 1500;

/** A TCP port behind a knock, and where it is knocked at from. */
export interface KnockedPort {
  readonly vantage: Pick<Vantage, 'probeTcp'>;
  /** IP literal. */
  readonly address: string;
  readonly port: number;
  /** Milliseconds of a round trip to it, where one was measured. */
  readonly roundTrip?: number | undefined;
}

/** Milliseconds of the first looks at a door that is to open. */
const FIRST_LOOK = 60;

/** How many looks are as short as the first, where a round trip is known to take much less. */
const SHORT_LOOKS = 8;

/** What knocking is for, and for how long it is tried. */
export interface Knocking<T> {
  /** What is knocked. Secret. */
  readonly sequence: Sequence;
  /** Sends these, with that pause between two; it may take several ways to send the sequence, one after the other. */
  readonly send: (knocks: Sequence, gapMilliseconds: number) => Promise<void>;
  /**
   * Looks for what the `attempt`-th knock is to bring, for as long as the host may take; undefined when it did not come.
   * Attempt 0 is a short look before knocking, where another process has just knocked at the same door.
   */
  readonly check: (attempt: number) => Promise<T | undefined>;
  /** Milliseconds between two knocks of the first try, where the path is known (see `firstGap`). */
  readonly gap?: number;
  /** How often the sequence is sent at most: packets get lost, and then the whole of it has to be sent again. */
  readonly attempts: number;
  /** The least pause after the first knock that brought nothing, in milliseconds; 500 by default. */
  readonly pause?: number;
  /** What is knocked at, where other processes of this machine may knock there too: they take turns. */
  readonly lock?: string;
}

/** What a knock brought. */
export interface Knocked<T> {
  readonly found: T;
  /** How often the sequence was sent. */
  readonly knocks: number;
  /** From the first packet to what was found. */
  readonly milliseconds: number;
}

/**
 * Knocks until that brings what it is for; undefined when it never does. There is a pause between two, whose length is
 * left to chance, lest several machines that knock from one address at once disturb each other again and again.
 */
export async function knockUntil<T>({
  sequence,
  send,
  check,
  attempts,
  gap,
  pause = 500,
  lock,
}: Knocking<T>): Promise<Knocked<T> | undefined> {
  const begin = performance.now();
  for (let knocks = 1; knocks <= attempts; knocks++) {
    const ways = knockAttempts(sequence, knocks, gap);
    const attempt = async (waited: boolean) => {
      const open = waited ? await check(0) : undefined;
      if (open !== undefined) return open;
      for (const [index, { knocks: packets, gapMilliseconds }] of ways.entries()) {
        // Before the slow one longer, lest what was sent before come in between.
        if (index > 0) await sleep(Math.min(gapMilliseconds, 60) + 5 + 10 * Math.random());
        await send(packets, gapMilliseconds);
      }
      return check(knocks);
    };
    const found = await (lock === undefined ? attempt(false) : withFileLock(lock, attempt));
    if (found !== undefined) return { found, knocks, milliseconds: Math.round(performance.now() - begin) };
    if (knocks < attempts) await sleep(Math.min(knocks, 3) * pause * (1 + 2 * Math.random()));
  }
  return undefined;
}

/**
 * Waits until a door stands open; gives what was seen last when it does not within `within` milliseconds. The probes are
 * short, because each is one SYN: one that came a moment too early would wait a second for its repetition.
 */
export async function awaitOpen(door: KnockedPort, within = OPEN_LATENCY): Promise<TcpState> {
  const { vantage, address, port, roundTrip = FIRST_LOOK } = door;
  const end = performance.now() + within;
  let short = 3 * roundTrip <= FIRST_LOOK ? SHORT_LOOKS : 1;
  for (let patience = FIRST_LOOK; ; patience = --short > 0 ? patience : Math.min(patience * 2, 1000)) {
    const { state } = await vantage.probeTcp(address, port, patience);
    if (state === 'open' || performance.now() + patience > end) return state;
    // Silence takes its time; a refusal comes at once, and would be asked for again thousands of times.
    if (state !== 'silent') await sleep(patience);
  }
}

/**
 * Knocks until a door stands open, in turns with other processes of this machine.
 *
 * @returns whether it did within so many tries.
 * @throws RemoteError `local` when a packet could not leave.
 */
export async function knockOpen(
  door: KnockedPort & { readonly vantage: Pick<Vantage, 'name' | 'knock' | 'probeTcp'> },
  sequence: Sequence,
  attempts: number,
): Promise<boolean> {
  const { vantage, address, port } = door;
  const knocked = await knockUntil({
    sequence,
    send: (knocks, gap) => vantage.knock(address, knocks, gap),
    check: async () => ((await awaitOpen(door)) === 'open' ? true : undefined),
    attempts,
    lock: doorKey(vantage.name, address, port),
  });
  return knocked !== undefined;
}

/** What was seen last of a door. */
export interface LastLook {
  readonly state: TcpState;
  /** When it was looked, as `performance.now()` says. */
  readonly at: number;
}

/** Looks at a door until it has been silent for `silenceTimeout` milliseconds; gives the last look, `silent` when it became so. */
export async function lookUntilSilent(
  { vantage, address, port }: KnockedPort,
  silence: number,
  within = OPEN_LATENCY,
): Promise<LastLook> {
  const end = performance.now() + within;
  for (;;) {
    const at = performance.now();
    const { state } = await vantage.probeTcp(address, port, silence);
    if (state === 'silent' || performance.now() > end) return { state, at };
    await sleep(50);
  }
}

/** The same, for whom it does not matter when that was. */
export async function awaitSilence(
  door: KnockedPort,
  silence: number,
  within = OPEN_LATENCY,
): Promise<TcpState> {
  return (await lookUntilSilent(door, silence, within)).state;
}
