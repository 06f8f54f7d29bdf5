import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RemoteError } from '../../../remote/error.ts';
import { logInOnce } from '../../../remote/ssh/login.ts';
import { openSession } from '../../../remote/ssh/session.ts';
import type { SshTarget } from '../../../remote/ssh/target.ts';
import { makeKeyPair } from './keys.ts';

// Servers that misbehave before anybody could log in, met by the real ssh client.
const servers: Server[] = [];
const key = makeKeyPair();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<SshTarget> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const identity = { privateKey: key.privateKey };
  return { address: '127.0.0.1', port, user: 'root', hostKeys: [key.publicKey], identity, sudo: false };
}

function failure(target: SshTarget, timeoutSeconds = 3, signal?: AbortSignal): Promise<unknown> {
  return openSession(target, { timeoutSeconds, signal }).then(
    (session) => session.close(),
    (error: unknown) => error,
  );
}

describe('openSession', () => {
  it('calls a closed port refused', async () => {
    const target = await serve(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await failure(target)).toMatchObject({ kind: 'refused' });
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const begin = performance.now();
    const error = await failure(await serve(() => {}), 0.6);
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(performance.now() - begin).toBeLessThan(2500);
  });

  it('gives up on a server that says one byte at a time', async () => {
    const target = await serve((socket) => {
      const timer = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await failure(target, 1)).toMatchObject({ kind: 'timeout' });
  });

  it('gives up on a server whose greeting never ends', async () => {
    const target = await serve((socket) => {
      const more = () => {
        while (socket.writable && socket.write(`${'spam '.repeat(100)}\r\n`));
      };
      socket.on('drain', more);
      more();
    });
    const error = await failure(target, 3);
    expect(error).toBeInstanceOf(RemoteError);
    expect(String(error).length).toBeLessThan(2000);
  });

  it('knows a server that hangs up', async () => {
    expect(await failure(await serve((socket) => socket.end()))).toMatchObject({ kind: 'closed-by-server' });
    expect(await failure(await serve((socket) => socket.resetAndDestroy()))).toMatchObject({
      kind: 'closed-by-server',
    });
    const busy = await serve((socket) => socket.end('Exceeded MaxStartups\r\n'));
    expect(await failure(busy)).toMatchObject({ kind: 'closed-by-server' });
  });

  it('quotes nothing that would reach a terminal', async () => {
    const target = await serve((socket) =>
      socket.end('\u001b]0;owned\u0007\u001b[2Jhello\u202e\r\nSSH-1.0-\u001b[31mx\r\n'),
    );
    const error = await failure(target);
    expect(error).toBeInstanceOf(RemoteError);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    expect(String(error)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('stops when cancelled', async () => {
    const begin = performance.now();
    expect(await failure(await serve(() => {}), 10, AbortSignal.timeout(300))).toMatchObject({
      kind: 'cancelled',
    });
    expect(performance.now() - begin).toBeLessThan(2500);
  });

  it('refuses an unusable way and a useless key before anything is sent', async () => {
    let connections = 0;
    const target = await serve(() => connections++);
    expect(await failure({ ...target, hostKeys: [] })).toBeInstanceOf(TypeError);
    expect(await failure({ ...target, identity: { privateKey: 'no key' } })).toMatchObject({
      kind: 'bad-identity',
    });
    expect(connections).toBe(0);
  });

  it('leaves no directory behind after failing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'test-'));
    vi.stubEnv('TMPDIR', directory);
    try {
      await failure(await serve((socket) => socket.end()));
      await failure(await serve(() => {}), 0.3);
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmdirSync(directory);
    }
  });
});

describe('login', () => {
  it('says how it failed', async () => {
    const target = await serve((socket) => socket.end());
    await expect(logInOnce(target, { argv: ['id'], timeoutSeconds: 3 })).rejects.toMatchObject({
      kind: 'closed-by-server',
    });
    const silent = await serve(() => {});
    await expect(logInOnce(silent, { argv: ['id'], timeoutSeconds: 0.5 })).rejects.toMatchObject({
      kind: 'timeout',
    });
  });
});
