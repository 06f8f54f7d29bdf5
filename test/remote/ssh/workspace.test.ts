import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { openWorkspace } from '../../../remote/ssh/workspace.ts';

const program = fileURLToPath(new URL('./forgetful.ts', import.meta.url));

function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('openWorkspace', () => {
  it('makes a private directory', async () => {
    const workspace = openWorkspace();
    expect(statSync(workspace.directory).mode & 0o777).toBe(0o700);
    await workspace.close();
    expect(existsSync(workspace.directory)).toBe(false);
  });

  it('ends its processes when closed, also those that ignore SIGTERM', async () => {
    const workspace = openWorkspace();
    const stubborn = spawn('sh', ['-c', 'trap "" TERM; echo ready; exec sleep 30']);
    workspace.track(stubborn);
    await once(stubborn.stdout, 'data');
    writeFileSync(join(workspace.directory, 'file'), '');
    await Promise.all([workspace.close(), workspace.close()]);
    await workspace.close();
    expect(stubborn.signalCode).toBe('SIGKILL');
    expect(existsSync(workspace.directory)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGTERM', 'exit', 'end'])(
    'leaves nothing when its process ends by %s',
    async (how) => {
      const child = spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await once(child.stdout, 'data');
      const { directory, pid } = JSON.parse(String(line));
      if (how.startsWith('SIG')) {
        expect(existsSync(directory)).toBe(true);
        expect(alive(pid)).toBe(true);
        child.kill(how as NodeJS.Signals);
      }
      await vi.waitFor(() => {
        expect(alive(pid)).toBe(false);
        expect(existsSync(directory)).toBe(false);
      });
    },
  );
});
