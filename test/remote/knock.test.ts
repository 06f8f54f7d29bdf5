import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Knock } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';

interface Ear {
  readonly knock: Knock;
  close(): void;
}

async function hear(
  protocol: 'tcp' | 'udp',
  address: string,
  heard: (knock: Knock, size: number) => void,
): Promise<Ear> {
  if (protocol === 'tcp') {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      heard({ port, protocol }, 0);
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const bound = server.address();
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
    return { knock: { port, protocol }, close: () => server.close() };
  }
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const { port } = socket.address();
  socket.on('message', (message) => heard({ port, protocol }, message.length));
  return { knock: { port, protocol }, close: () => socket.close() };
}

describe.each(['127.0.0.1', '::1'])('sendKnocks to %s', (address) => {
  it('sends every knock once and in order, UDP empty', async () => {
    const heard: Knock[] = [];
    const sizes: number[] = [];
    const listen = (knock: Knock, size: number) => {
      heard.push(knock);
      sizes.push(size);
    };
    const ears = await Promise.all(
      (['tcp', 'udp', 'udp', 'tcp', 'udp'] as const).map((protocol) => hear(protocol, address, listen)),
    );
    const sequence = ears.map((ear) => ear.knock);
    await sendKnocks({ address, sequence });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const ear of ears) ear.close();
    expect(heard).toEqual(sequence);
    expect(sizes.every((size) => size === 0)).toBe(true);
  });

  it('sends what a packet holds', async () => {
    const sizes: number[] = [];
    const ear = await hear('udp', address, (_knock, size) => sizes.push(size));
    await sendKnocks({ address, sequence: [{ ...ear.knock, payload: 'made' }, ear.knock] });
    await new Promise((resolve) => setTimeout(resolve, 100));
    ear.close();
    expect(sizes).toEqual([4, 0]);
  });

  it('does not mind that nobody listens', async () => {
    const sequence = [
      { port: 9, protocol: 'tcp' },
      { port: 9, protocol: 'udp' },
      { port: 10, protocol: 'tcp' },
    ] as const;
    await expect(sendKnocks({ address, sequence, gapMilliseconds: 5 })).resolves.toBeUndefined();
  });
});

describe('sendKnocks', () => {
  it('keeps the gap', async () => {
    const sequence = Array.from({ length: 5 }, () => ({ port: 9, protocol: 'tcp' as const }));
    const begin = performance.now();
    await sendKnocks({ address: '127.0.0.1', sequence, gapMilliseconds: 50 });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(195);
    expect(performance.now() - begin).toBeLessThan(600);
  });

  it.each(['tcp', 'udp'] as const)('says that a %s knock cannot leave, and no port', async (protocol) => {
    // TEST-NET-1 belongs to no interface, so nothing can be sent from it.
    const options = {
      address: '127.0.0.1',
      sequence: [{ port: 31_337, protocol }],
      sourceAddress: '192.0.2.250',
    };
    const error = await sendKnocks(options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RemoteError', kind: 'local', seen: 'EADDRNOTAVAIL' });
    expect(`${error}${JSON.stringify(error)}${error instanceof Error ? error.stack : ''}`).not.toContain(
      '31337',
    );
  });

  it('wants addresses, of one family', async () => {
    const sequence = [{ port: 9, protocol: 'tcp' as const }];
    await expect(sendKnocks({ address: 'localhost', sequence })).rejects.toThrow(TypeError);
    await expect(sendKnocks({ address: '127.0.0.1', sequence, sourceAddress: '::1' })).rejects.toThrow(
      TypeError,
    );
  });
});
