import { hostFolder, labHome, type VpsId } from './home.ts';
import { listIds } from './list.ts';
import { runLabProgram } from './program.ts';

/**
 * Destroys a host, or what a killed creator left of one: no process, mount, namespace, cgroup, route or folder of it is
 * left. Does nothing if there is none.
 *
 * @throws {LabError} if something of it cannot be removed
 */
export async function destroyVps(id: VpsId): Promise<void> {
  hostFolder(id);
  await runLabProgram('host/destroy.sh', [labHome(), id.owner, id.name]);
}

/** Destroys all hosts of an owner. */
export async function destroyOwner(owner: string): Promise<void> {
  await Promise.all((await listIds(owner)).map(destroyVps));
}
