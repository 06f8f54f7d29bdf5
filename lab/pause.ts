import { hostFolder, type VpsId } from './home.ts';
import { runLabProgram } from './program.ts';

/**
 * Pauses a host, as a hypervisor does that moves it or is short of time: nothing in it runs, while its clock goes on.
 *
 * @returns what lets it run again; destroying the host does, too
 * @throws {LabError} if the host is down, or this machine has no cgroup v2
 */
export async function pauseVps(vps: VpsId): Promise<() => Promise<void>> {
  const set = async (frozen: '1' | '0') => {
    await runLabProgram('host/pause.sh', [hostFolder(vps), frozen]);
  };
  await set('1');
  return () => set('0');
}
