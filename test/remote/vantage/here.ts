import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RunResult } from '../../../remote/ssh/result.ts';
import type { RunOptions } from '../../../remote/ssh/run-options.ts';
import type { Hop } from '../../../remote/ssh/target.ts';
import type { Open } from '../../../remote/vantage/jump.ts';

/** A jump host; nothing connects to it. */
export const hop: Hop = {
  address: 'jump.example',
  port: 22,
  user: 'ops',
  hostKeys: ['ssh-ed25519 AAAA'],
};

/** What ran on the "jump host", and how often it was connected to. */
export interface Ran {
  readonly programs: RunOptions[];
  opened: number;
  closed: number;
}

/** A jump host that is this machine: programs run here, with only the `tools` of this machine on their PATH. */
export async function withJumpHere<T>(
  tools: readonly string[],
  use: (open: Open, ran: Ran) => Promise<T>,
): Promise<T> {
  const bin = mkdtempSync(join(tmpdir(), 'postern-vantage-'));
  const path = (process.env['PATH'] ?? '').split(':');
  for (const tool of ['sh', 'awk', 'sed', 'head', 'sleep', ...tools]) link(tool, path, bin);
  const ran: Ran = { programs: [], opened: 0, closed: 0 };
  const open: Open = async () => {
    ran.opened++;
    let alive = true;
    return {
      get alive() {
        return alive;
      },
      run(options) {
        ran.programs.push(options);
        return runHere(options, bin);
      },
      async close() {
        alive = false;
        ran.closed++;
      },
    };
  };
  try {
    return await use(open, ran);
  } finally {
    rmSync(bin, { recursive: true });
  }
}

function link(tool: string, path: readonly string[], bin: string): void {
  // /bin may be /usr/bin; the first that works is as good as the other.
  const folder = ['/usr/bin', '/bin', '/sbin', ...path].find((candidate) =>
    existsSync(join(candidate, tool)),
  );
  if (folder !== undefined) symlinkSync(join(folder, tool), join(bin, tool));
}

async function runHere(options: RunOptions, bin: string): Promise<RunResult> {
  const { argv, script, args = [], stdin = '', onStdoutLine } = options;
  const [program = 'sh', ...rest] = argv ?? ['sh', '-c', script ?? '', 'sh', ...args];
  const child = spawn(join(bin, program), rest, { env: { PATH: bin, LC_ALL: 'C' }, stdio: 'pipe' });
  // A program may end without reading what it was given.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 255)));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  for (const line of stdout.split('\n').slice(0, -1)) onStdoutLine?.(line);
  return { code: await ended, signal: null, stdout, stderr };
}
