import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { connectSoon } from '../../../cli/host/connect-soon.ts';
import { carry } from '../../../cli/ssh/pipe.ts';

/** Connects to a server that treats its side of the connection as `serve` does. */
async function connectTo(serve: (socket: Socket) => void): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = new Socket({ allowHalfOpen: true });
  socket.connect(address.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

it('carries bytes both ways unchanged', async () => {
  const sent = randomBytes(5_000_000);
  const socket = await connectTo((peer) => peer.pipe(peer));
  const output = new PassThrough();
  const [received, inOrder] = await Promise.all([
    buffer(output),
    carry(socket, { input: Readable.from([sent]), output }),
  ]);
  expect(digest(received)).toBe(digest(sent));
  expect(inOrder).toBe(true);
});

it('passes the end of its input on and still carries the answer', async () => {
  const socket = await connectTo(async (peer) => {
    const asked = await buffer(peer);
    peer.end(`heard ${asked.toString()} to its end`);
  });
  const output = new PassThrough();
  const [answer] = await Promise.all([
    buffer(output),
    carry(socket, { input: Readable.from(['question']), output }),
  ]);
  expect(answer.toString()).toBe('heard question to its end');
});

it('passes the end of the answer on and still carries its input', async () => {
  const { promise: heard, resolve } = Promise.withResolvers<string>();
  const socket = await connectTo(async (peer) => {
    peer.end('that is all');
    resolve((await buffer(peer)).toString());
  });
  const input = new PassThrough();
  const output = new PassThrough();
  const carried = carry(socket, { input, output });
  expect((await buffer(output)).toString()).toBe('that is all');
  input.end('but listen');
  expect(await heard).toBe('but listen');
  expect(await carried).toBe(true);
});

it('ends both sides of a connection that is reset', async () => {
  const socket = await connectTo((peer) => peer.once('data', () => peer.resetAndDestroy()));
  const input = new PassThrough();
  input.write('hello');
  const output = new PassThrough();
  output.resume();
  expect(await carry(socket, { input, output })).toBe(false);
  expect(input.destroyed).toBe(true);
});

it('hangs up when nobody reads its output any more', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const socket = await connectTo((peer) => {
    peer.on('error', () => {});
    peer.once('close', () => resolve());
    peer.write(randomBytes(100_000));
    peer.resume();
  });
  const output = new PassThrough();
  const carried = carry(socket, { input: new PassThrough(), output });
  output.destroy();
  await carried;
  await gone;
  expect(socket.destroyed).toBe(true);
});

it('tells of a connection that was reset before anybody carried it', async () => {
  const server = createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 30));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = await connectSoon({ address: '127.0.0.1', port: address.port }, 2000);
  if (typeof socket === 'string') throw new Error(socket);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const output = new PassThrough();
  output.resume();
  expect(await carry(socket, { input: new PassThrough(), output })).toBe(false);
  expect(output.destroyed).toBe(true);
  server.close();
});
