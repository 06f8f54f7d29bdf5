import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { Channel } from '../../../remote/ssh/channel.ts';
import { Pool } from '../../../remote/ssh/pool.ts';
import { remoteCommand } from '../../../remote/ssh/program.ts';

// Channels to a shell of this machine instead of a host's; `refused` says which of them a server would not open.
let opened: ChildProcess[] = [];
let over = new AbortController();
afterEach(() => {
  for (const child of opened) child.kill('SIGKILL');
  opened = [];
  over = new AbortController();
});

function pool(refused: (count: number) => boolean = () => false): Pool {
  const open = () => {
    const refusal =
      'echo "mux_client_request_session: session request failed: Session open refused by peer" >&2; exit 255';
    const child = spawn('sh', ['-c', refused(opened.length) ? refusal : remoteCommand(false)]);
    opened.push(child);
    return new Channel(child);
  };
  return new Pool(open, 'root@host', over.signal);
}

const timeoutSeconds = 10;

describe('Pool', () => {
  it('keeps one channel for programs that come one after the other', async () => {
    const channels = pool();
    for (let count = 0; count < 20; count++) await channels.run({ argv: ['true'], timeoutSeconds });
    expect(opened).toHaveLength(1);
  });

  it('opens four at most', async () => {
    const channels = pool();
    const runs = Array.from({ length: 12 }, () => channels.run({ argv: ['sleep', '0.1'], timeoutSeconds }));
    expect((await Promise.all(runs)).every((result) => result.code === 0)).toBe(true);
    expect(opened).toHaveLength(4);
  });

  it('makes do with the channels that the server allows', async () => {
    const channels = pool((count) => count > 0);
    const runs = Array.from({ length: 12 }, (_, n) =>
      channels.run({ script: 'sleep 0.05; echo "$1"', args: [`${n}`], timeoutSeconds }),
    );
    const outputs = (await Promise.all(runs)).map((result) => result.stdout);
    expect(outputs).toEqual(Array.from({ length: 12 }, (_, n) => `${n}\n`));
    expect(opened).toHaveLength(4);
  });

  it('says so when the server allows none', async () => {
    await expect(pool(() => true).run({ argv: ['true'], timeoutSeconds })).rejects.toMatchObject({
      kind: 'no-shell',
      seen: expect.stringContaining('Session open refused'),
    });
  });

  it('lets nobody wait for a channel longer than allowed', async () => {
    const channels = pool();
    const busy = Array.from({ length: 4 }, () => channels.run({ argv: ['sleep', '1'], timeoutSeconds }));
    const begin = performance.now();
    const late = channels.run({ argv: ['true'], timeoutSeconds: 0.2 });
    await expect(late).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('had not begun'),
    });
    const unwanted = channels.run({ argv: ['true'], timeoutSeconds, signal: AbortSignal.timeout(100) });
    await expect(unwanted).rejects.toMatchObject({ kind: 'cancelled' });
    expect(performance.now() - begin).toBeLessThan(900);
    await Promise.all(busy);
    expect((await channels.run({ argv: ['true'], timeoutSeconds })).code).toBe(0);
  });

  it('goes on with a new channel after one was lost', async () => {
    const channels = pool();
    await expect(channels.run({ argv: ['sleep', '9'], timeoutSeconds: 0.3 })).rejects.toMatchObject({
      kind: 'timeout',
    });
    expect((await channels.run({ argv: ['echo', 'next'], timeoutSeconds })).stdout).toBe('next\n');
    expect(opened).toHaveLength(2);
  });

  it('runs nothing once the connection is over', async () => {
    const channels = pool();
    over.abort();
    await expect(channels.run({ argv: ['true'], timeoutSeconds })).rejects.toMatchObject({ kind: 'closed' });
    expect(opened).toHaveLength(0);
  });
});
