import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../posture/knock/sequence.ts';
import type { TcpState } from '../remote/probe.ts';
import type { Vantage } from '../remote/vantage.ts';

/** How often a sequence is sent before the door counts as stuck. With the pauses it stays under 10 s, ssh's usual patience. */
export const attempts = 3;

/** How long the host may take from the last knock to the open door, in milliseconds. */
export const reaction = 1500;

/** A port behind a knock. */
export interface Door {
  /** IP literal. */
  readonly address: string;
  readonly port: number;
}

/** What a connection met that did not come about. */
export type ClosedState = Exclude<TcpState, 'open'>;

/** How doors are knocked at and gone through: from this machine, or from a jump host. */
export interface Passage {
  readonly vantage: Vantage;
  /**
   * Tries a door until it is open or {@link reaction} is over.
   *
   * @returns `open`, or the connection where it was made from this machine, or what was met instead of it last.
   */
  tryDoor(door: Door): Promise<Socket | TcpState>;
  /**
   * A program whose standard input and output are a connection to a port behind the jump host, over the session that is
   * open already. Undefined: this machine connects by itself.
   */
  tunnel(door: Door): Promise<string[] | undefined>;
  /** Ends what was opened for it, and its tunnels. Idempotent. */
  close(): Promise<void>;
}

/** A door that opened. */
export interface Opened {
  /** A connection through it, not yet used; the caller's to end. Undefined where it can be tried from afar only. */
  readonly socket: Socket | undefined;
  /** How often the sequence had to be sent. */
  readonly knocks: number;
  /** From the first packet to the connection. */
  readonly milliseconds: number;
}

/**
 * Knocks and connects. Packets get lost, so both are repeated.
 *
 * @returns the connection, or what was met instead of it last.
 * @throws RemoteError `local` when a packet could not leave.
 */
export async function openDoor(
  door: Door,
  sequence: Sequence,
  passage: Passage,
): Promise<Opened | ClosedState> {
  const begin = performance.now();
  let met: ClosedState = 'silent';
  for (let knocks = 1; knocks <= attempts; knocks++) {
    await passage.vantage.knock(door.address, sequence);
    const result = await passage.tryDoor(door);
    if (typeof result !== 'string' || result === 'open') {
      const milliseconds = Math.round(performance.now() - begin);
      return { socket: result === 'open' ? undefined : result, knocks, milliseconds };
    }
    met = result;
    // A sequence that got stuck half-way blocks the next one until the daemon forgets it; a pause of its own for each
    // process keeps several that knock from here at once from disturbing each other again and again.
    if (knocks < attempts) await sleep(knocks * (500 + 1000 * Math.random()));
  }
  return met;
}

/** Sends the closing sequence until the port is silent. @returns whether it became so. */
export async function closeDoor(
  { address, port }: Door,
  sequence: Sequence,
  silence: number,
  vantage: Vantage,
): Promise<boolean> {
  for (let knocks = 1; knocks <= attempts; knocks++) {
    await vantage.knock(address, sequence);
    const end = performance.now() + reaction;
    while (performance.now() < end) {
      if ((await vantage.probeTcp(address, port, silence)).state === 'silent') return true;
      await sleep(50);
    }
  }
  return false;
}
