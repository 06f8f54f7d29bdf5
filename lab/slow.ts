import { hostFolder, type VpsId } from './home.ts';
import { runLabProgram } from './program.ts';

/**
 * Gives a host a share of one processor from now on, as an overbooked machine does: 0.1 is a tenth. Programs that
 * `execVps` runs in it are not slowed.
 *
 * @param share 1 gives all of it back.
 * @throws {LabError} where this machine has no cpu controller of cgroups
 */
export async function slowVps(vps: VpsId, share: number): Promise<void> {
  await runLabProgram('host/slow.sh', [hostFolder(vps), String(Math.round(share * 100))]);
}
