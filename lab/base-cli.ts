/**
 * `node lab/base-cli.ts [release…]`: builds the lab's images that are not there yet (default: bookworm), with a line
 * for each step. Prints nothing if all are there. Exit: 0 all there; 1 one sentence on standard error says why not.
 */
import { DEFAULT_RELEASE, ensureBase, RELEASES } from './base.ts';
import { LabError } from './error.ts';

try {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : [DEFAULT_RELEASE];
  for (const name of wanted) {
    const release = RELEASES.find((known) => known === name);
    if (release === undefined)
      throw new LabError(`no such release: ${name}; there are ${RELEASES.join(', ')}`);
    await ensureBase(release, (line) => console.log(`lab image ${release}: ${line}`));
  }
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
