import { createServer, type Server } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { knockToOpen } from '../../../cli/host/door.ts';
import { transportBy } from '../../../cli/host/transport.ts';
import { givesAway, host, projectWith, secretSequence } from '../fixture.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Listens on a port of the loopback, any free one by default. */
async function listen(port = 0): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return portOf(server);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

it.concurrent('gives the connection as soon as the door is open', async () => {
  const port = await closedPort();
  const opening = knockToOpen({ address: '127.0.0.1', port }, secretSequence, await transportBy(undefined));
  setTimeout(() => listen(port), 200);
  const opened = await opening;
  if (typeof opened === 'string') throw new Error(`not open: ${opened}`);
  expect(opened.knocks).toBe(1);
  expect(opened.milliseconds).toBeGreaterThanOrEqual(190);
  expect(opened.milliseconds).toBeLessThan(3000);
  const { socket } = opened;
  if (socket === undefined) throw new Error('no connection');
  expect(socket.remotePort).toBe(port);
  // Or the end of one direction would cut off the other.
  expect(socket.allowHalfOpen).toBe(true);
  opened.socket?.destroy();
});

it.concurrent('knocks again where the first time did not help, and says how often', async () => {
  const port = await closedPort();
  const opening = knockToOpen({ address: '127.0.0.1', port }, secretSequence, await transportBy(undefined));
  setTimeout(() => listen(port), 2500);
  const opened = await opening;
  if (typeof opened === 'string') throw new Error(`not open: ${opened}`);
  expect(opened.knocks).toBeGreaterThanOrEqual(2);
  opened.socket?.destroy();
}, 10_000);

it.concurrent('ends `knock` with status 3 where the door stays closed, within ssh’s usual patience, and names no port of the sequence', async () => {
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { sshPort: await closedPort() })] } });
  const begin = performance.now();
  const { code, stdout, stderr } = await postern('knock', 'devnet-1');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('The door of devnet-1 did not open over IPv4');
  expect(stderr).toContain('refused the connection');
  expect(givesAway(stderr)).toBe(false);
  expect(performance.now() - begin).toBeLessThan(20_000);
}, 30_000);

it.concurrent('tells a machine what `knock` did', async () => {
  const port = await listen();
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { sshPort: port })] } });
  const { code, stdout } = await postern('knock', 'devnet-1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    stack: 'devnet',
    host: 'devnet-1',
    family: 'ipv4',
    address: '127.0.0.1',
    port,
    state: 'open',
    knocks: 1,
    milliseconds: expect.any(Number),
    openSeconds: 30,
  });
  expect((await postern('knock', 'devnet-1')).stdout).toContain('open for this machine for 30 s');
});

it.concurrent('says that a door without a closing sequence closes by itself', async () => {
  const knock = { 'devnet-1': { open: secretSequence, close: null, openSeconds: 45 } };
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')], knock } });
  const { code, stderr } = await postern('knock', 'devnet-1', '--close');
  expect(code).toBe(1);
  expect(stderr).toContain('closes by itself 45 s after a knock');
});

it.concurrent('ends `knock --close` with status 3 where the port still answers', async () => {
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1', { sshPort: await listen() })] } });
  expect(await postern('knock', 'devnet-1', '--close')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('still answers'),
  });
}, 30_000);
