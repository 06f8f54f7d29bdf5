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

/** What a connection met, and itself where it stands. */
type Connected = { readonly state: TcpState; readonly socket?: Socket };

/**
 * Knocks and connects. Packets get lost, so both are repeated.
 *
 * @returns the connection, or what was met instead of it last.
 * @throws RemoteError `local` when a packet could not leave this machine.
 */
export async function openDoor(door: Door, sequence: Sequence): Promise<Opened | Exclude<TcpState, 'open'>> {
  const begin = performance.now();
  let met: TcpState = 'silent';
  for (let knocks = 1; knocks <= attempts; knocks++) {
    await sendKnocks({ address: door.address, sequence });
    const end = performance.now() + reaction;
    // Short tries, because each is one SYN: one that came a moment too early would wait a second for its repetition.
    for (let patience = 60; performance.now() < end; patience = Math.min(patience * 2, 1000)) {
      const next = sleep(patience);
      const { state, socket } = await connect(door, patience);
      if (socket !== undefined)
        return { socket, knocks, milliseconds: Math.round(performance.now() - begin) };
      met = state;
      if (state !== 'silent') await next;
    }
    // A sequence that got stuck half-way blocks the next one until the daemon forgets it.
    if (knocks < attempts) await sleep(knocks * 1000);
  }
  return met === 'open' ? 'silent' : met;
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

function connect({ address, port }: Door, patience: number): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const socket = new Socket({ allowHalfOpen: true });
    const give = (state: TcpState) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve({ state });
    };
    const timer = setTimeout(() => give('silent'), patience);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve({ state: 'open', socket });
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const state = stateOf(error.code ?? '');
      if (state !== undefined) return give(state);
      clearTimeout(timer);
      reject(new RemoteError('local', 'a connection could not leave this machine.', error.code));
    });
    socket.connect({ host: address, port });
  });
}
