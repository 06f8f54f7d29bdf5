import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts a shell script into a folder that is run instead of fwknop's client.
 *
 * @returns PATH with that folder first.
 */
export async function clientInstead(folder: string, script: string): Promise<string> {
  await writeFile(join(folder, 'fwknop'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${folder}:${process.env['PATH']}`;
}
