import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Sequence, Sequences } from '../../posture/knock/sequence.ts';
import {
  awaitOpen,
  awaitSilence,
  knockUntil,
  OPEN_LATENCY,
  type KnockedPort as RemoteDoor,
} from '../../remote/door.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp } from '../../remote/probe.ts';

/** The front door of a sealed host. */
export interface HostDoor {
  /** The host's name, for messages. */
  readonly host: string;
  /** IP address, or a DNS name, of which the IPv4 address is used. */
  readonly address: string;
  /** TCP port behind the door. */
  readonly port: number;
  /** Secret. */
  readonly sequences: Sequences;
  /** It stays open until the closing sequence, whatever happens; a timed one closes by itself. */
  readonly held?: boolean;
  /** How long the host may take to act on a knock, in milliseconds; {@link OPEN_LATENCY} by default. */
  readonly reactionMilliseconds?: number;
}

/** How often a sequence is sent: packets get lost, and then the whole of it has to be sent again. */
const ATTEMPTS = 5;

/** Milliseconds of silence after which the door counts as closed. */
const SILENCE = 1000;

/** How tasks knock and look: from this machine. */
const vantage: RemoteDoor['vantage'] = {
  probeTcp: (address, port, timeoutMilliseconds) => probeTcp({ address, port, timeoutMilliseconds }),
};

/**
 * Knocks until the door is open for this machine.
 *
 * @throws Error when it stays closed; no text names a port of the sequence.
 */
export async function openTaskDoor(door: HostDoor): Promise<void> {
  const { host, port, sequences, reactionMilliseconds = OPEN_LATENCY } = door;
  const address = await literal(door.address);
  const knocked = await knockUntil({
    sequence: sequences.open,
    send: sendTo(address),
    check: async () =>
      (await awaitOpen({ vantage, address, port }, reactionMilliseconds)) === 'open' ? true : undefined,
    attempts: ATTEMPTS,
    pause: reactionMilliseconds / 3,
  });
  if (knocked !== undefined) return;
  throw new Error(
    `the door of ${host} stays closed after ${ATTEMPTS} knocks at ${door.address}; see what answers with \`postern status\``,
  );
}

/**
 * Knocks until the door is closed again. Without a closing sequence there is nothing to do: the kernel closes it.
 *
 * @throws Error when it stays open.
 */
export async function closeTaskDoor(door: HostDoor): Promise<void> {
  const { host, port, sequences, reactionMilliseconds = OPEN_LATENCY } = door;
  const { close } = sequences;
  if (close === null) return;
  const address = await literal(door.address);
  const knocked = await knockUntil({
    sequence: close,
    send: sendTo(address),
    check: async () =>
      (await awaitSilence({ vantage, address, port }, SILENCE, reactionMilliseconds)) === 'open'
        ? undefined
        : true,
    attempts: ATTEMPTS,
    pause: reactionMilliseconds / 3,
  });
  if (knocked !== undefined) return;
  throw new Error(
    `the door of ${host} is still open after ${ATTEMPTS} closing knocks; close it with \`postern knock ${host} --close\``,
  );
}

function sendTo(address: string) {
  return (sequence: Sequence, gapMilliseconds: number) => sendKnocks({ address, sequence, gapMilliseconds });
}

async function literal(address: string): Promise<string> {
  return isIP(address) === 0 ? (await lookup(address, { family: 4 })).address : address;
}
