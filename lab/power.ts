import { hostFolder, type VpsId } from './home.ts';
import { runLabProgram } from './program.ts';

/**
 * Cuts a host's power, as pulling the plug does: all its processes die at once; then it boots again. Returns when the
 * new boot has begun. A host with a disk of its own loses what it had not synced; what another one wrote is kept, synced
 * or not, because the page cache is this machine's.
 *
 * @throws {LabError} if the host is down already, or does not boot again
 */
export async function powerCut(vps: VpsId): Promise<void> {
  await runLabProgram('host/cut.sh', [hostFolder(vps)]);
}
