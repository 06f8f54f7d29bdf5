import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LabVps } from '../../lab/vps.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'outage.sh');
let tables = 0;

/** Drops what this machine sends to some ports of a lab host, as a cloud firewall would; resolves to what undoes it. */
export async function dropTowards(vps: LabVps, ports: string): Promise<() => Promise<void>> {
  const table = `postern_test_${process.pid}_${tables++}`;
  await run('sh', [PROGRAM, 'drop', table, vps.address, vps.addressV6, ports]);
  return async () => {
    await run('sh', [PROGRAM, 'restore', table]);
  };
}

/** The same before anything else of this process goes on. */
export function dropTowardsNow(vps: LabVps, ports: string): () => Promise<void> {
  const table = `postern_test_${process.pid}_${tables++}`;
  execFileSync('sh', [PROGRAM, 'drop', table, vps.address, vps.addressV6, ports]);
  return async () => {
    await run('sh', [PROGRAM, 'restore', table]);
  };
}

/** Makes a change whose knocks a firewall on the way drops; resolves to what is said about its failure. */
export async function hardenUnheard(vps: LabVps, job: Job): Promise<string> {
  const knocks = job.sequences.open.map(({ port }) => port);
  const restore = await dropTowards(vps, `{ ${knocks.join(', ')} }`);
  try {
    await harden(job, () => {});
  } catch (error) {
    return (error as Error).message;
  } finally {
    await restore();
  }
  throw new Error('the change did not fail');
}
