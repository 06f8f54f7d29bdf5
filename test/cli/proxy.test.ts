import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

// What ssh gives its ProxyCommand are two pipes of the kernel's, not sockets: only real ones show whether they are closed.
const PROXY = `${process.execPath} ${join(import.meta.dirname, 'proxy.ts')}`;

/** A server on loopback that takes one connection. @returns its port. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    socket.on('error', () => {});
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Runs a shell line whose standard input stays open; resolves when it ends, to what it printed. */
async function shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('sh', ['-c', line], { stdio: 'pipe' });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  child.stdin.destroy();
  return { code: child.exitCode, stdout, stderr };
}

it('passes the end of the connection on to a real pipe while its own input is still open', async () => {
  const port = await listen((socket) => socket.end('that is all\n'));
  const child = spawn('sh', ['-c', `${PROXY} ${port} | { cat; echo closed; }`], { stdio: 'pipe' });
  const ended = once(child, 'close');
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('closed')) child.stdin.end();
  }
  expect(said).toBe('that is all\nclosed\n');
  await ended;
  expect(child.exitCode).toBe(0);
}, 15_000);

it.each([
  ['closes at once', (socket: Socket) => socket.end()],
  ['resets at once', (socket: Socket) => socket.resetAndDestroy()],
  [
    'closes in the middle of the key exchange',
    (socket: Socket) => {
      socket.write('SSH-2.0-test\r\n');
      socket.once('data', () => socket.end());
    },
  ],
] as const)(
  'lets ssh end with its own message when the server %s',
  async (_name, serve) => {
    const port = await listen(serve);
    const { code, stderr } = await shell(
      `exec ssh -F none -o BatchMode=yes -o 'ProxyCommand=${PROXY} ${port}' host true`,
    );
    expect(code).toBe(255);
    expect(stderr).toMatch(/[Cc]onnection (closed|reset)|Broken pipe/);
  },
  15_000,
);
