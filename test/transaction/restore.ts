import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { installPackages } from './interrupt.ts';

/** A sealed host, and what it was before. */
export async function withSealed(
  use: (vps: LabVps, job: Job, sealed: Previous, before: string[]) => Promise<void>,
): Promise<void> {
  await withVps(async (vps) => {
    await installPackages(vps);
    const before = await fingerprint(vps);
    const job = await jobFor(vps, { verify: { attempts: 2, rollbackSeconds: 30 } });
    await use(vps, job, remembered(job, await hardened(job)), before);
  });
}

/** The administrator stays, with a home but without keys. */
const administrator =
  /^[+-](passwd ops:|(file|dir|link) (\/home\/ops|\/etc\/(passwd|shadow|group|gshadow|subuid|subgid) ))/;

/** Nothing of Postern is left; what stays is the administrator. */
export async function expectRestored(vps: LabVps, before: readonly string[]): Promise<void> {
  const left = difference(before, await fingerprint(vps));
  expect(left.filter((line) => !administrator.test(line))).toEqual([]);
  expect(left.filter((line) => line.includes('authorized_keys'))).toEqual([]);
  expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
  expect(
    await inside(vps, 'ls -d /var/lib/postern* /etc/postern /usr/local/lib/postern 2>/dev/null || :'),
  ).toBe('');
}

/** Waits until a host has forgotten Postern by itself. */
export async function forgets(vps: LabVps): Promise<void> {
  const end = performance.now() + 90_000;
  while ((await inside(vps, 'ls -d /var/lib/postern 2>/dev/null || :')) !== '') {
    if (performance.now() > end) throw new Error(await inside(vps, 'cat /var/lib/postern/record'));
    await sleep(1000);
  }
}

/** Restores a host in a process of its own and kills that at the report that begins with `until`. */
export async function killedRestore(job: Job, previous: Previous, until: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'restorer.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify({ job, previous, until }));
  let seen = false;
  for await (const line of createInterface(child.stdout)) {
    seen = line.startsWith(until);
    if (seen) break;
  }
  child.kill('SIGKILL');
  await ended;
  if (!seen) throw new Error(`the restore ended before it reported: ${until}`);
}
