import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../posture/knock/sequence.ts';
import { RemoteError } from '../remote/error.ts';
import { sendKnocks } from '../remote/knock.ts';
import { probeTcp, stateOf, type TcpState } from '../remote/probe.ts';

/** How often a sequence is sent before the door counts as stuck. With the pauses it stays under 10 s, ssh's usual patience. */
export const attempts = 3;

/** How long the host may take from the last knock to the open door, in milliseconds. */
const reaction = 1500;

/** Pause before the second connection is tried, in milliseconds; doubled each time. */
const firstPause = 20;

/** A port behind a knock. */
export interface Door {
  /** IP literal. */
  readonly address: string;
  readonly port: number;
}

/** A door that opened. */
export interface Opened {
  /** A connection through it, not yet used; the caller's to end. */
  readonly socket: Socket;
  /** How often the sequence had to be sent. */
  readonly knocks: number;
  /** From the first packet to the connection. */
  readonly milliseconds: number;
}

/**
 * Knocks and connects. Packets get lost, so both are repeated.
 *
 * @returns the connection, or what was met instead of it last.
 * @throws RemoteError `local` when a packet could not leave this machine.
 */
export async function openDoor(door: Door, sequence: Sequence): Promise<Opened | Exclude<TcpState, 'open'>> {
  const begin = performance.now();
  let met: Exclude<TcpState, 'open'> = 'silent';
  for (let knocks = 1; knocks <= attempts; knocks++) {
    await sendKnocks({ address: door.address, sequence });
    const result = await connectSoon(door);
    if (typeof result !== 'string')
      return { socket: result, knocks, milliseconds: Math.round(performance.now() - begin) };
    met = result;
    // A sequence that got stuck half-way blocks the next one until the daemon forgets it; a pause of its own for each
    // process keeps several that knock from here at once from disturbing each other again and again.
    if (knocks < attempts) await sleep(knocks * (500 + 1000 * Math.random()));
  }
  return met;
}

/** Sends the closing sequence until the port is silent. @returns whether it became so. */
export async function closeDoor(door: Door, sequence: Sequence, silence: number): Promise<boolean> {
  for (let knocks = 1; knocks <= attempts; knocks++) {
    await sendKnocks({ address: door.address, sequence });
    const end = performance.now() + reaction;
    while (performance.now() < end) {
      if ((await probeTcp({ ...door, timeoutMilliseconds: silence })).state === 'silent') return true;
      await sleep(50);
    }
  }
  return false;
}

/**
 * Connects as soon as the door is open. One SYN that comes a moment too early would be repeated by the kernel only after
 * a second, so a new connection is tried every now and then, and the first that stands is taken.
 */
function connectSoon({ address, port }: Door): Promise<Socket | Exclude<TcpState, 'open'>> {
  const tries = new Set<Socket>();
  let met: Exclude<TcpState, 'open'> = 'silent';
  let pause = firstPause;
  return new Promise((resolve, reject) => {
    const finish = (taken?: Socket) => {
      clearTimeout(next);
      clearTimeout(end);
      for (const socket of tries) if (socket !== taken) socket.destroy();
    };
    const attempt = () => {
      const socket = new Socket({ allowHalfOpen: true });
      tries.add(socket);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const state = stateOf(error.code ?? '');
        if (state !== undefined) {
          met = state;
          return;
        }
        finish();
        reject(new RemoteError('local', 'a connection could not leave this machine.', error.code));
      });
      socket.once('connect', () => {
        finish(socket);
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.connect({ host: address, port });
      next = setTimeout(attempt, pause);
      pause *= 2;
    };
    const end = setTimeout(() => {
      finish();
      resolve(met);
    }, reaction);
    let next: NodeJS.Timeout | undefined;
    attempt();
  });
}
