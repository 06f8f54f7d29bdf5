import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LabVps } from '../../lab/vps.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'beside.sh');

/** A host's number on this machine. */
function numberOf({ address }: LabVps): string {
  return address.split('.')[2] ?? '';
}

/** Plugs one lab host into another's network; resolves to what unplugs it. */
export async function plug(jump: LabVps, target: LabVps): Promise<() => Promise<void>> {
  await run('sh', [PROGRAM, 'plug', numberOf(jump), numberOf(target)]);
  return async () => {
    await run('sh', [PROGRAM, 'unplug', numberOf(jump)]);
  };
}

/** The address by which a host knows the one that is plugged into its network. */
export function besideAddress(target: LabVps): string {
  return `10.213.${numberOf(target)}.5`;
}
