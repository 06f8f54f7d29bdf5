import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const PLUGIN = join(import.meta.dirname, '../../provider/pulumi-resource-postern');

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('a plugin whose engine is killed ends by itself', async () => {
  // The shell stands for the engine: the plugin's parent.
  const engine = spawn('sh', ['-c', `"${PLUGIN}" 127.0.0.1:1 & echo $!; wait`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface(engine.stdout);
  const [pid] = await once(lines, 'line');
  // Its port: it is up.
  const [port] = await once(lines, 'line');
  expect(Number(port)).toBeGreaterThan(0);
  expect(isThere(Number(pid))).toBe(true);
  engine.kill('SIGKILL');
  await expect.poll(() => isThere(Number(pid)), { timeout: 10_000 }).toBe(false);
});
