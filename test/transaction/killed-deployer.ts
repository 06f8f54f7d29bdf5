import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../transaction/job.ts';
import { MOMENTS, type Moment } from './interrupt.ts';

/** Starts a change in a process of its own and kills that a while after a moment of the change. */
export async function killedDeployer(job: Job, moment: Moment, delay = 0): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'deployer.ts')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(job));
  for await (const line of createInterface(child.stdout)) if (MOMENTS[moment].test(line)) break;
  await sleep(delay);
  child.kill('SIGKILL');
  await ended;
}
