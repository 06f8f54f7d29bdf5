import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readBanner } from '../../remote/banner.ts';
import { probeMany, probeTcp, silenceTimeout } from '../../remote/probe.ts';
import { probeUdp } from './probe-udp.ts';

const timeoutMilliseconds = 300;

async function withServer<T>(address: string, says: string, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (says !== '') socket.write(says);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  try {
    return await use(typeof bound === 'object' ? (bound?.port ?? 0) : 0);
  } finally {
    server.close();
  }
}

describe.each(['127.0.0.1', '::1'])('probes of %s', (address) => {
  it('find an open TCP port, with the time it took', async () => {
    const probe = await withServer(address, '', (port) => probeTcp({ address, port, timeoutMilliseconds }));
    expect(probe.state).toBe('open');
    expect(probe.rttMilliseconds).toBeLessThan(timeoutMilliseconds);
  });

  it('find a port open that answered in time, while this process was held up', async () => {
    const probe = await withServer(address, '', async (port) => {
      const probing = probeTcp({ address, port, timeoutMilliseconds: 30 });
      // Not before the connection was begun.
      await new Promise((resolve) => setImmediate(resolve));
      const end = performance.now() + 100;
      while (performance.now() < end);
      return probing;
    });
    expect(probe.state).toBe('open');
  });

  it('find a refused TCP port', async () => {
    const port = await withServer(address, '', async (open) => open);
    expect(await probeTcp({ address, port, timeoutMilliseconds })).toMatchObject({ state: 'refused' });
  });

  it('tell an answering, a mute and a missing UDP service apart', async () => {
    const echo = createSocket(address === '::1' ? 'udp6' : 'udp4');
    const mute = createSocket(address === '::1' ? 'udp6' : 'udp4');
    echo.on('message', (_message, from) => echo.send('pong', from.port, from.address));
    await Promise.all(
      [echo, mute].map((socket) => new Promise<void>((resolve) => socket.bind(0, address, resolve))),
    );
    const ports = [echo.address().port, mute.address().port];
    const probe = (port: number) => probeUdp({ address, port, timeoutMilliseconds });
    expect(await probeMany(ports, probe)).toEqual(['answered', 'silent']);
    echo.close();
    mute.close();
    expect(await probe(ports[0] ?? 0)).toBe('refused');
  });

  it('read a banner, without its control characters', async () => {
    const says = '\u001b[31mSSH-2.0-OpenSSH_9.2p1\u0007\r\nmore';
    const banner = await withServer(address, says, (port) =>
      readBanner({ address, port, timeoutMilliseconds }),
    );
    expect(banner).toBe('SSH-2.0-OpenSSH_9.2p1');
  });

  it('read an endless banner only to its limit, and none from a mute or missing server', async () => {
    const read = (port: number) => readBanner({ address, port, timeoutMilliseconds });
    expect(await withServer(address, 'x'.repeat(1_000_000), read)).toHaveLength(255);
    expect(await withServer(address, '', read)).toBeUndefined();
    expect(await read(9)).toBeUndefined();
  });
});

describe('probes', () => {
  it('say when this machine cannot send', async () => {
    const options = { address: '127.0.0.1', port: 9, timeoutMilliseconds, sourceAddress: '192.0.2.250' };
    await expect(probeTcp(options)).rejects.toMatchObject({ kind: 'local' });
    await expect(probeUdp(options)).rejects.toMatchObject({ kind: 'local' });
  });
});

describe('silenceTimeout', () => {
  it.each([
    [undefined, 2000],
    [0.1, 250],
    [25, 250],
    [60, 600],
    [500, 2000],
  ])('for a round trip of %s ms is %d ms', (rtt, timeout) => {
    expect(silenceTimeout(rtt)).toBe(timeout);
  });

  it('is shorter where that is said, but never shorter than ten round trips', () => {
    expect([0.1, 60].map((rtt) => silenceTimeout(rtt, 100))).toEqual([100, 600]);
  });
});
