import type { Socket } from 'node:net';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { awaitSilence, knockUntil } from '../../remote/door.ts';
import { doorKey } from '../../remote/file-lock.ts';
import type { TcpState } from '../../remote/probe.ts';
import type { Vantage } from '../../remote/vantage.ts';

/** How often a sequence is sent before the door counts as stuck. With the pauses it stays under 10 s, ssh's usual patience. */
export const attempts = 5;

/** How long the host may take from the last knock to the open door, in milliseconds, before it is knocked at again. */
const openLatency = 700;

/** The same for the last attempt, and for a door that is to close. */
const lastOpenLatency = 1500;

/** The same where another process of this machine has just knocked. */
const glance = 250;

/** The least pause between two attempts, in milliseconds. */
const pause = 100;

/** A port behind a knock. */
export interface DoorAddress {
  /** IP literal. */
  readonly address: string;
  readonly port: number;
}

/** What a connection met that did not come about. */
export type ClosedState = Exclude<TcpState, 'open'>;

/** How doors are knocked at and gone through: from this machine, or from a jump host. */
export interface Transport {
  readonly vantage: Vantage;
  /**
   * Tries a door until it is open or so many milliseconds are over.
   *
   * @returns `open`, or the connection where it was made from this machine, or what was met instead of it last.
   */
  tryDoor(door: DoorAddress, within: number): Promise<Socket | TcpState>;
  /**
   * A program whose standard input and output are a connection to a port behind the jump host, over the session that is
   * open already. Undefined: this machine connects by itself.
   */
  tunnel(door: DoorAddress): Promise<string[] | undefined>;
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
 * @param takesTurn false where the caller's turn it is already.
 * @returns the connection, or what was met instead of it last.
 * @throws RemoteError `local` when a packet could not leave.
 */
export async function knockToOpen(
  door: DoorAddress,
  sequence: Sequence,
  transport: Transport,
  takesTurn = true,
): Promise<Opened | ClosedState> {
  let met: ClosedState = 'silent';
  const knocked = await knockUntil({
    sequence,
    send: (knocks, gap) => transport.vantage.knock(door.address, knocks, gap),
    check: async (attempt) => {
      const within = attempt === 0 ? glance : attempt === attempts ? lastOpenLatency : openLatency;
      const result = await transport.tryDoor(door, within);
      if (typeof result !== 'string') return { socket: result };
      if (result === 'open') return { socket: undefined };
      met = result;
      return undefined;
    },
    attempts,
    pause,
    ...(takesTurn ? { lock: doorKey(transport.vantage.name, door.address, door.port) } : {}),
  });
  if (knocked === undefined) return met;
  const { found, knocks, milliseconds } = knocked;
  return { ...found, knocks, milliseconds };
}

/** Sends the closing sequence until the port is silent. @returns whether it became so. */
export async function knockToClose(
  { address, port }: DoorAddress,
  sequence: Sequence,
  silence: number,
  vantage: Vantage,
): Promise<boolean> {
  const knocked = await knockUntil({
    sequence,
    send: (knocks, gap) => vantage.knock(address, knocks, gap),
    check: async () =>
      (await awaitSilence({ vantage, address, port }, silence, lastOpenLatency)) === 'silent'
        ? true
        : undefined,
    attempts,
    pause,
  });
  return knocked !== undefined;
}
