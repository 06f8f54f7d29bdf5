import { existsSync } from 'node:fs';
import { readdir, readlink, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { destroyOwner } from './destroy.ts';
import { labHome } from './home.ts';
import { listIds, listOwners } from './list.ts';
import { ownerIsDead } from './owner.ts';
import { runLabProgram } from './program.ts';

/** An image that no host uses and nobody asked for in so long is removed. */
const UNUSED_IMAGE_DAYS = 14;

/**
 * Removes hosts whose owner is dead, what is left of hosts whose folder somebody removed by hand, and old images.
 *
 * @returns the owners whose hosts were destroyed
 */
export async function collectGarbage(): Promise<string[]> {
  const dead: string[] = [];
  for (const owner of await listOwners()) {
    if (!(await ownerIsDead(owner))) continue;
    await destroyOwner(owner);
    dead.push(owner);
  }
  await removeFolderless();
  await removeUnusedImages();
  return dead;
}

/** Each network index in use is a link to its host's folder, see lab/host/machine.sh. */
const CLAIMS = '/run/postern-lab/hosts';

async function removeFolderless(): Promise<void> {
  for (const index of await readdir(CLAIMS).catch(() => [])) {
    const folder = await readlink(path.join(CLAIMS, index)).catch(() => undefined);
    const [, home, owner, name] = /^(.+)\/hosts\/([^/]+)\/([^/]+)$/.exec(folder ?? '') ?? [];
    if (folder === undefined || !home || !owner || !name || existsSync(folder)) continue;
    await runLabProgram('host/destroy.sh', [home, owner, name, 'leftovers']);
  }
}

async function removeUnusedImages(): Promise<void> {
  const folder = path.join(labHome(), 'base');
  const ids = (await Promise.all((await listOwners()).map(listIds))).flat();
  const used = new Set(
    await Promise.all(
      ids.map(({ owner, name }) =>
        realpath(path.join(labHome(), 'hosts', owner, name, 'base')).catch(() => ''),
      ),
    ),
  );
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const image = path.join(folder, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith('.') || used.has(await realpath(image))) continue;
    const days = (Date.now() - (await stat(image)).mtimeMs) / 86_400_000;
    if (days > UNUSED_IMAGE_DAYS) await rm(image, { recursive: true, force: true });
  }
}
