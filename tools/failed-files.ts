import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

/** What vitest's JSON reporter writes about the files of a run. */
export interface VitestFiles {
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

/** The files of a run in which a test failed, or that could not be loaded; none where they are more than `most`. */
export function failedFiles({ testResults }: VitestFiles, most: number): string[] {
  const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length > most ? [] : failed;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const [file, most] = argv.slice(2);
  if (file === undefined || most === undefined)
    throw new Error('usage: node failed-files.ts <vitest JSON results> <most files>');
  for (const name of failedFiles(JSON.parse(readFileSync(file, 'utf8')), Number(most)))
    console.log(relative('', name));
}
