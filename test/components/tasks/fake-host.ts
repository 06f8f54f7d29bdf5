import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Sequence } from '../../../posture/knock/sequence.ts';

/** A door on this machine: a TCP port that opens and closes by UDP knocks. */
export interface FakeHost {
  /** The port behind the door. */
  readonly port: number;
  readonly sequences: { readonly open: Sequence; readonly close: Sequence };
  /** Complete sequences that arrived, by name, those that were ignored as well. */
  readonly knocks: string[];
  isOpen(): boolean;
  /** Plays deaf to the next so many complete sequences. */
  ignore(count: number): void;
}

/** Puts up a door on loopback until the test ends. */
export async function fakeHost(): Promise<FakeHost> {
  const sockets = await Promise.all([0, 1, 2, 3].map(listen));
  const ports = sockets.map((socket) => socket.address().port);
  const sequence = (...indexes: number[]) =>
    indexes.map((index) => ({ port: ports[index] ?? 0, protocol: 'udp' as const }));
  const sequences = { open: sequence(0, 1, 2), close: sequence(2, 1, 3) };
  const server = createServer((connection) => connection.destroy());
  const port = await freePort(server);
  const knocks: string[] = [];
  let heard: number[] = [];
  let deaf = 0;

  const act = (name: 'open' | 'close') => {
    knocks.push(name);
    if (deaf > 0) deaf -= 1;
    else if (name === 'open' && !server.listening) server.listen(port, '127.0.0.1');
    else if (name === 'close') server.close();
  };
  for (const [index, socket] of sockets.entries())
    socket.on('message', () => {
      heard = [...heard, index].slice(-3);
      if (heard.join() === '0,1,2') act('open');
      if (heard.join() === '2,1,3') act('close');
    });
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
    server.close();
  });
  return {
    port,
    sequences,
    knocks,
    isOpen: () => server.listening,
    ignore: (count) => {
      deaf = count;
    },
  };
}

async function listen(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

async function freePort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return address.port;
}
