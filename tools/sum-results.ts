import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

/** What one vitest run counted, as its JSON reporter writes it. */
export interface VitestRun {
  readonly testResults: readonly VitestFile[];
  /** False also where nothing was found to run. */
  readonly success: boolean;
}

/** One file of it. */
export interface VitestFile {
  readonly name: string;
  /** `failed` also where no test did: the file could not be loaded, or what comes before its tests failed. */
  readonly status: string;
  /** Its tests; those that never ran are neither `passed` nor `failed`. */
  readonly assertionResults: readonly { readonly status: string }[];
}

/** The sum of a test run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Adds up test runs and the other parts of `npm test`.
 *
 * @param runs by part (`unit`, `lab`), and by `PART-again` for the files of a part that failed and were run again: what
 *   such a file did then is what counts
 * @param failedParts names of the parts that failed; one whose failures no file shows counts as one failure
 */
export function sumResults(runs: ReadonlyMap<string, VitestRun>, failedParts: readonly string[]): Tally {
  const parts = new Map(
    [...runs]
      .filter(([part]) => !part.endsWith(AGAIN))
      .map(([part, run]) => [part, sum(lastOf(run, runs.get(part + AGAIN)).map(countOf))]),
  );
  const broken = new Set(failedParts);
  for (const [part, run] of runs) if (!run.success && !runs.has(part + AGAIN)) broken.add(wholeOf(part));
  const uncounted = [...broken].filter((part) => (parts.get(part)?.failed ?? 0) === 0);
  return sum([...parts.values(), { passed: 0, failed: uncounted.length }]);
}

const AGAIN = '-again';

function wholeOf(part: string): string {
  return part.endsWith(AGAIN) ? part.slice(0, -AGAIN.length) : part;
}

/** The files of a run, as they ended when they were run for the last time. */
function lastOf(run: VitestRun, again: VitestRun | undefined): VitestFile[] {
  const files = [...run.testResults, ...(again?.testResults ?? [])];
  return [...new Map(files.map((file) => [file.name, file])).values()];
}

function countOf({ status, assertionResults }: VitestFile): Tally {
  const count = (wanted: string) => assertionResults.filter((test) => test.status === wanted).length;
  return { passed: count('passed'), failed: Math.max(count('failed'), status === 'failed' ? 1 : 0) };
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, { passed, failed }) => ({ passed: all.passed + passed, failed: all.failed + failed }),
    { passed: 0, failed: 0 },
  );
}

function readRuns(folder: string): Map<string, VitestRun> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [name.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const [folder, ...failedParts] = argv.slice(2);
  if (folder === undefined)
    throw new Error('usage: node sum-results.ts <folder of vitest JSON results> [failed part…]');
  const { passed, failed } = sumResults(readRuns(folder), failedParts);
  console.log(`${passed} passed, ${failed} failed`);
  exit(failed === 0 ? 0 : 1);
}
