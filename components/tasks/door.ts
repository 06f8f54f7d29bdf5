import { lookup } from 'node:dns/promises';
import { isIP, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequences } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';

/** The front door of a sealed host. */
export interface Door {
  /** The host's name, for messages. */
  readonly host: string;
  /** IP address, or a DNS name, of which the IPv4 address is used. */
  readonly address: string;
  /** TCP port behind the door. */
  readonly port: number;
  /** Secret. */
  readonly sequences: Sequences;
  /** How long the host may take to act on a knock, in milliseconds; 2000 by default. */
  readonly reactionMilliseconds?: number;
}

/** How often a sequence is sent: packets get lost, and then the whole of it has to be sent again. */
const ATTEMPTS = 5;

const REACTION = 2000;

/**
 * Knocks until the door is open for this machine.
 *
 * @throws Error when it stays closed; no text names a port of the sequence.
 */
export async function openDoor(door: Door): Promise<void> {
  const { host, address, sequences } = door;
  const at = await literal(address);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await sendKnocks({ address: at, sequence: sequences.open });
    if (await becomes(true, { ...door, address: at })) return;
  }
  throw new Error(
    `the door of ${host} stays closed after ${ATTEMPTS} knocks at ${address}; see what answers with \`postern status\``,
  );
}

/**
 * Knocks until the door is closed again. Without a closing sequence there is nothing to do: the kernel closes it.
 *
 * @throws Error when it stays open.
 */
export async function closeDoor(door: Door): Promise<void> {
  const { host, address, sequences } = door;
  if (sequences.close === null) return;
  const at = await literal(address);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await sendKnocks({ address: at, sequence: sequences.close });
    if (await becomes(false, { ...door, address: at })) return;
  }
  throw new Error(
    `the door of ${host} is still open after ${ATTEMPTS} closing knocks; close it with \`postern knock ${host} --close\``,
  );
}

async function literal(address: string): Promise<string> {
  return isIP(address) === 0 ? (await lookup(address, { family: 4 })).address : address;
}

async function becomes(open: boolean, { address, port, reactionMilliseconds }: Door): Promise<boolean> {
  const end = performance.now() + (reactionMilliseconds ?? REACTION);
  for (let patience = 100; performance.now() < end; patience *= 2) {
    if ((await accepts(address, port, patience)) === open) return true;
    await sleep(50);
  }
  return false;
}

/** The port takes a TCP connection within `patience` milliseconds. */
function accepts(address: string, port: number, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.connect({ host: address, port });
  });
}
