import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from './error.ts';
import { labHome } from './home.ts';
import { programPath, runProgram, tail } from './program.ts';
import { labSupport } from './support.ts';

/** Debian releases that a lab host can have. */
export const RELEASES = ['bookworm', 'trixie', 'bullseye'] as const;

/** A Debian release by its code name. */
export type Release = (typeof RELEASES)[number];

/** The release of a host for which none is asked. */
export const DEFAULT_RELEASE: Release = 'bookworm';

/**
 * Makes sure that the image of a release is there; hosts are overlays over it.
 * Cached by recipe: a change in lab/base/ makes a new one. Two processes at once build it once; a killed build leaves
 * nothing that counts. About 40 s and 350 MB for the first; milliseconds after that.
 *
 * @param onProgress called with a line for each step of a build; not called if the image is there
 * @returns the image's folder
 * @throws {LabError} if this machine has no lab, or the build fails
 */
export async function ensureBase(release: Release, onProgress?: (line: string) => void): Promise<string> {
  const support = labSupport();
  if (!support.ok) throw new LabError(support.reason);
  const folder = path.join(labHome(), 'base');
  const name = `${release}-${await recipeHash()}`;
  const base = path.join(folder, name);
  if (!existsSync(base)) {
    const argv = ['sh', programPath('base/build.sh'), release, folder, name];
    const { code, stderr } = await runProgram(argv, onProgress ? { onLine: onProgress } : {});
    if (code !== 0) {
      const log = path.join(folder, `${release}.log`);
      const said = tail(stderr) || tail(await readFile(log, 'utf8').catch(() => ''));
      throw new LabError(
        `the lab's ${release} image could not be built (whole log: ${log}); check that apt-get update works here:\n${said}`,
      );
    }
  }
  // So that garbage collection sees which images are in use.
  await utimes(base, new Date(), new Date());
  return base;
}

/** Identifies the recipe: every file of lab/base/ and the processor's architecture. */
async function recipeHash(): Promise<string> {
  const folder = programPath('base');
  const hash = createHash('sha256').update(process.arch);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash.update(`\0${path.relative(folder, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}
