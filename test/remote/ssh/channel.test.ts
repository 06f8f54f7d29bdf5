import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bounds, Channel, type Outcome } from '../../../remote/ssh/channel.ts';
import { frame, type Program, preamble, remoteCommand } from '../../../remote/ssh/program.ts';

// The remote command is run by a shell of this machine: everything is real but the network.
const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(before = '', environment: NodeJS.ProcessEnv = process.env): ChildProcessWithoutNullStreams {
  const child = spawn('/bin/bash', ['-c', `${before}\n${remoteCommand(false)}`], { env: environment });
  children.push(child);
  return child;
}

const bounds: Bounds = { timeoutSeconds: 10, maxOutputBytes: 1_000_000 };

function run(channel: Channel, program: Program, more: Partial<Bounds> = {}): Promise<Outcome> {
  return channel.run(frame(program), { ...bounds, ...more });
}

describe('Channel', () => {
  it('runs a command with every word as it is', async () => {
    const words = ["it's", '', '-n', 'a\nb', '$(id)', '漢字'];
    const outcome = await run(new Channel(start()), { argv: ['printf', '<%s>', ...words] });
    expect(outcome).toEqual({
      end: 'finished',
      status: 0,
      stdout: words.map((word) => `<${word}>`).join(''),
      stderr: '',
    });
  });

  it('runs a script with arguments and input, and keeps the two outputs apart', async () => {
    const script = 'read -r line\necho "$1:$2:$line"\necho oops >&2\nexit 3\n';
    const outcome = await run(new Channel(start()), { script, args: ['a b', ''], stdin: 'from stdin\n' });
    expect(outcome).toEqual({ end: 'finished', status: 3, stdout: 'a b::from stdin\n', stderr: 'oops\n' });
  });

  it('hands binary input over unchanged', async () => {
    const bytes = randomBytes(300_000);
    const outcome = await run(new Channel(start()), { argv: ['base64', '-w0'], stdin: bytes });
    expect(outcome.stdout).toBe(bytes.toString('base64'));
  });

  it('gives the next program a clean slate after one that leaves its input unread', async () => {
    const channel = new Channel(start());
    await run(channel, { script: 'cd /; umask 0; x=1; exec 1>&2', stdin: randomBytes(500_000) });
    const outcome = await run(channel, { script: 'pwd; umask; echo "$x"; wc -c' });
    expect(outcome.stdout).toBe(`${process.cwd()}\n0022\n\n0\n`);
  });

  it('runs hundreds of programs one after the other', async () => {
    const channel = new Channel(start());
    for (let count = 0; count < 300; count++) {
      const outcome = await run(channel, {
        script: 'echo "$1"; exit "$2"',
        args: [`${count}`, `${count % 256}`],
      });
      expect(outcome).toMatchObject({ status: count % 256, stdout: `${count}\n` });
    }
  });

  it('drops what a talkative login shell prints', async () => {
    const noisy = 'echo hello there; printf "no newline"; echo warning >&2';
    const outcome = await run(new Channel(start(noisy)), { script: 'echo out; echo err >&2' });
    expect(outcome).toEqual({ end: 'finished', status: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('resets a hostile environment', async () => {
    const hostile = {
      PATH: '/nowhere',
      LC_ALL: 'xx',
      IFS: 'x',
      ENV: '/nowhere',
      CDPATH: '/',
      HOME: '/my home',
      SSH_CONNECTION: '192.0.2.1 50000 192.0.2.7 22',
      A: '1',
    };
    const outcome = await run(new Channel(start('', hostile)), { argv: ['env'] });
    expect(outcome.stdout.trim().split('\n').sort()).toEqual([
      'HOME=/my home',
      'LC_ALL=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      expect.stringMatching(/^PWD=/),
      'SSH_CONNECTION=192.0.2.1 50000 192.0.2.7 22',
    ]);
  });

  it('reports a program that was killed, a syntax error and a missing command by their status', async () => {
    const channel = new Channel(start());
    expect(await run(channel, { argv: ['sh', '-c', 'kill -KILL $$'] })).toMatchObject({ status: 137 });
    expect(await run(channel, { script: 'if then fi (' })).toMatchObject({ end: 'finished', status: 2 });
    expect(await run(channel, { argv: ['no-such-command'] })).toMatchObject({ status: 127 });
    expect(await run(channel, { script: 'set -e; false; echo not reached' })).toMatchObject({
      status: 1,
      stdout: '',
    });
    expect(await run(channel, { argv: ['echo', 'still here'] })).toMatchObject({ stdout: 'still here\n' });
  });

  it('does not wait for a child left in the background', async () => {
    const begin = performance.now();
    const outcome = await run(new Channel(start()), { script: 'sleep 5 & echo done' });
    expect(outcome).toMatchObject({ end: 'finished', stdout: 'done\n' });
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  it('announces lines while the program runs', async () => {
    const lines: [string, number][] = [];
    const begin = performance.now();
    const onStdoutLine = (line: string) => lines.push([line, performance.now() - begin]);
    await run(new Channel(start()), { script: 'echo one; sleep 0.5; echo two' }, { onStdoutLine });
    expect(lines.map(([line]) => line)).toEqual(['one', 'two']);
    expect((lines[1]?.[1] ?? 0) - (lines[0]?.[1] ?? 0)).toBeGreaterThan(400);
  });

  it('cuts off an account that never stops talking before the program', async () => {
    const outcome = await run(new Channel(start('exec yes')), { argv: ['true'] });
    expect(outcome.end).toBe('output-limit');
  });

  it('cuts off endless output', async () => {
    const channel = new Channel(start());
    const outcome = await run(channel, { argv: ['yes'] }, { maxOutputBytes: 50_000 });
    expect(outcome.end).toBe('output-limit');
    expect(outcome.stdout.length).toBeLessThanOrEqual(50_000);
    await channel.closed;
    expect(channel.idle).toBe(false);
  });

  it('stops waiting when the time is up', async () => {
    const begin = performance.now();
    const outcome = await run(
      new Channel(start()),
      { script: 'echo begun; sleep 60' },
      { timeoutSeconds: 2 },
    );
    expect(outcome).toMatchObject({ end: 'timeout', started: true, stdout: 'begun\n' });
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  it('stops waiting when cancelled', async () => {
    const outcome = await run(
      new Channel(start()),
      { argv: ['sleep', '5'] },
      { signal: AbortSignal.timeout(300) },
    );
    expect(outcome.end).toBe('cancelled');
  });

  it('tells a lost channel from a finished program', async () => {
    const child = start();
    const program = { script: 'echo begun; sleep 5' };
    const running = run(new Channel(child), program, { onStdoutLine: () => child.kill('SIGKILL') });
    expect(await running).toMatchObject({ end: 'lost', started: true });
  });

  it('passes on what was said instead of running the program', async () => {
    const outcome = await run(new Channel(start('echo Please login as somebody else; exit 142')), {
      argv: ['id'],
    });
    expect(outcome).toMatchObject({ end: 'lost', started: false });
    expect(outcome.end === 'lost' && outcome.noise).toContain('Please login as somebody else');
  });
});

describe('serve.sh', () => {
  it('never runs half a program', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'test-half-'));
    const touched = join(directory, 'touched');
    try {
      const { bytes } = frame({ script: `echo ran >> '${touched}'\n`.repeat(2) });
      for (const cut of [1, 20, 40, 60]) {
        const child = start();
        child.stdin.end(Buffer.concat([preamble, bytes.subarray(0, -cut)]));
        const code = await new Promise((resolve) => child.once('close', resolve));
        expect(code).toBe(1);
      }
      expect(() => readFileSync(touched)).toThrow(/ENOENT/);
      const whole = start();
      whole.stdin.end(Buffer.concat([preamble, bytes]));
      await new Promise((resolve) => whole.once('close', resolve));
      expect(readFileSync(touched, 'utf8')).toBe('ran\nran\n');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe('frame', () => {
  it.each([{}, { argv: [] }, { argv: ['a'], script: 'b' }])('refuses %j', (program) => {
    expect(() => frame(program)).toThrow(TypeError);
  });
});
