import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LabVps } from '../../lab/vps.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'outage.sh');
let tables = 0;

/** Which packets are lost: all, those towards the host, or those from it. */
export type Direction = 'both' | 'towards' | 'from';

/** Loses every packet between this machine and a lab host, without a word; resolves to what ends it. */
export async function cutNetwork(vps: LabVps, direction: Direction): Promise<() => Promise<void>> {
  const table = `postern_test_${process.pid}_cut_${tables++}`;
  const port = `postern${vps.address.split('.')[2]}p`;
  await run('sh', [PROGRAM, 'cut', table, port, direction]);
  return async () => {
    await run('sh', [PROGRAM, 'restore', table]);
  };
}
