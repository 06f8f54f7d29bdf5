import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { hangUp } from '../../cli/ssh/hang-up.ts';

async function metBy(serve: (socket: Socket) => void): Promise<string | undefined> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await hangUp({ address: '127.0.0.1', port: (server.address() as AddressInfo).port });
  } finally {
    server.close();
  }
}

it('an sshd that ends every connection at once is said to turn callers away', async () => {
  expect(await metBy((socket) => socket.on('error', () => {}).end())).toContain('PerSourcePenalties');
});

it('one that says its version is not', async () => {
  expect(
    await metBy((socket) => socket.on('error', () => {}).write('SSH-2.0-OpenSSH_10.0\r\n')),
  ).toBeUndefined();
});

it('nor is a port that is closed', async () => {
  expect(await hangUp({ address: '127.0.0.1', port: 1 })).toBeUndefined();
});
