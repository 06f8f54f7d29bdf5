import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../../posture/knock/sequence.ts';
import { RemoteError } from '../../../remote/error.ts';
import { jumpVantage } from '../../../remote/vantage/jump.ts';
import { hop, withJumpHere } from './here.ts';

const address = '127.0.0.1';
const TOOLS = [['bash'], ['python3']] as const;

/** Ports that listen, TCP or UDP, and the order in which they heard something. */
async function withEars<T>(
  protocols: Sequence[number]['protocol'][],
  use: (sequence: Sequence, heard: number[]) => Promise<T>,
): Promise<T> {
  const heard: number[] = [];
  const closers: (() => void)[] = [];
  const sequence = await Promise.all(
    protocols.map(async (protocol) => {
      if (protocol === 'udp') {
        const socket = createSocket('udp4', () => heard.push(port));
        socket.bind(0, address);
        await once(socket, 'listening');
        const { port } = socket.address();
        closers.push(() => socket.close());
        return { protocol, port };
      }
      const server = createServer((socket) => {
        heard.push(port);
        socket.on('error', () => {}).destroy();
      });
      server.listen(0, address);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      closers.push(() => server.close());
      return { protocol, port };
    }),
  );
  try {
    return await use(sequence, heard);
  } finally {
    for (const close of closers) close();
  }
}

describe.each(TOOLS)('a jump host with %s', (tool) => {
  it('knocks once at each port, in order; no process has the sequence among its arguments', async () => {
    await withEars(['tcp', 'udp', 'tcp', 'udp', 'udp', 'tcp', 'tcp', 'tcp'], async (sequence, heard) => {
      await withJumpHere([tool], async (open, ran) => {
        await jumpVantage(hop, open).knock(address, sequence);
        const ports = sequence.map(({ port }) => port);
        await expect.poll(() => heard).toEqual(ports);
        const visible = JSON.stringify(ran.programs.map(({ argv, args }) => [argv, args]));
        for (const port of ports) expect(visible).not.toContain(String(port));
        expect(ran.programs.at(-1)?.argv?.[0]).toBe(tool);
      });
    });
  });

  it('sends what a packet holds', async () => {
    const heard: string[] = [];
    const socket = createSocket('udp4', (message) => heard.push(message.toString()));
    socket.bind(0, address);
    await once(socket, 'listening');
    const { port } = socket.address();
    try {
      await withJumpHere([tool], (open) =>
        jumpVantage(hop, open).knock(address, [{ port, protocol: 'udp', payload: '+bq/9%d' }]),
      );
      await expect.poll(() => heard).toEqual(['+bq/9%d']);
    } finally {
      socket.close();
    }
  });

  it('tells what each probe met, many in one program', async () => {
    await withEars(['tcp', 'tcp'], async ([one, other]) => {
      await withJumpHere([tool], async (open, ran) => {
        const vantage = jumpVantage(hop, open);
        const found = await Promise.all(
          [one?.port ?? 0, 1, other?.port ?? 0].map((port) => vantage.probeTcp(address, port, 1000)),
        );
        expect(found.map(({ state }) => state)).toEqual(['open', 'refused', 'open']);
        for (const { rttMilliseconds } of found) {
          expect(rttMilliseconds).toBeGreaterThan(0);
          expect(rttMilliseconds).toBeLessThan(1000);
        }
        expect(ran.programs.filter(({ argv }) => argv !== undefined)).toHaveLength(1);
      });
    });
  });

  it('does not mind that nobody hears a knock, and says when one cannot leave, without its port', async () => {
    await withJumpHere([tool], async (open) => {
      const vantage = jumpVantage(hop, open);
      await vantage.knock(address, [{ port: 1, protocol: 'tcp' }]);
      // The kernel sends nothing to everybody unless asked in particular.
      const knocking = vantage.knock('255.255.255.255', [{ port: 7123, protocol: 'udp' }]);
      const error = await knocking.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'local', message: expect.not.stringContaining('7123') });
    });
  });
});

describe('a jump host', () => {
  it('knocks with python3 where it has both', async () => {
    await withEars(['udp'], async (sequence) => {
      await withJumpHere(['bash', 'python3'], async (open, ran) => {
        await jumpVantage(hop, open).knock(address, sequence);
        expect(ran.programs.at(-1)?.argv?.[0]).toBe('python3');
      });
    });
  });

  it('is told what to install when it has neither', async () => {
    await withJumpHere([], async (open) => {
      const vantage = jumpVantage(hop, open);
      expect(await vantage.problem()).toMatch(/jump host jump\.example .* install python3, or bash .* there/);
      await expect(vantage.probeTcp(address, 22, 100)).rejects.toThrow('install python3');
    });
  });

  it('resolves names and looks up routes there', async () => {
    await withJumpHere(['bash', 'getent', 'ip'], async (open) => {
      const vantage = jumpVantage(hop, open);
      expect(await vantage.resolve('localhost', 4)).toBe('127.0.0.1');
      expect(await vantage.localAddressFor('127.0.0.1')).toBe('127.0.0.1');
      expect(await vantage.ping(address)).toBe('unknown');
      await expect(vantage.resolve('nowhere.invalid', 4)).rejects.toMatchObject({ kind: 'unresolved' });
    });
    await withJumpHere(['python3'], async (open) => {
      const vantage = jumpVantage(hop, open);
      expect(await vantage.resolve('localhost', 4)).toBe('127.0.0.1');
      expect(await vantage.localAddressFor('127.0.0.1')).toBe('127.0.0.1');
    });
  });

  it('is what an error names when it lets nobody in, with the key that it wants', async () => {
    const refused = new RemoteError('auth-refused', 'ops@jump.example does not let in.');
    const vantage = jumpVantage(hop, () => Promise.reject(refused));
    await expect(vantage.ping(address)).rejects.toMatchObject({
      kind: 'auth-refused',
      message: expect.stringMatching(/^the jump host could not be used: .* target\.jump\.identity/),
    });
  });

  it('is connected to when it is needed, once, and again when the connection broke', async () => {
    await withJumpHere(['bash'], async (open, ran) => {
      const sessions: Awaited<ReturnType<typeof open>>[] = [];
      const vantage = jumpVantage(hop, async (target, options) => {
        const session = await open(target, options);
        sessions.push(session);
        return session;
      });
      expect(await vantage.resolve(address, 4)).toBe(address);
      expect(ran.opened).toBe(0);
      await Promise.all([vantage.ping(address), vantage.probeTcp(address, 1, 500)]);
      expect(ran.opened).toBe(1);
      await sessions[0]?.close();
      await Promise.all([vantage.ping(address), vantage.probeTcp(address, 1, 500)]);
      expect(ran.opened).toBe(2);
      await vantage.close();
      expect(sessions.every(({ alive }) => !alive)).toBe(true);
    });
  });
});
