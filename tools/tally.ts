import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

/** What one vitest run counted, as its JSON reporter writes it. */
export interface VitestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** False also where a file could not even be loaded, which counts no test. */
  readonly success: boolean;
}

/** The sum of a test run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Adds up test runs and the other parts of `npm test`.
 *
 * @param runs counts by part (`unit`, `lab`), and by `PART-again` for the files of a part that failed and were run again:
 *   what fails there is what failed
 * @param failedParts names of the parts that failed; one whose failures no test count shows counts as one failure
 */
export function tally(runs: ReadonlyMap<string, VitestCounts>, failedParts: readonly string[]): Tally {
  const last = new Map(
    [...runs]
      .filter(([part]) => !part.endsWith(AGAIN))
      .map(([part, run]) => [part, settled(run, runs.get(part + AGAIN))]),
  );
  const counts = [...last.values()];
  const passed = counts.reduce((sum, run) => sum + run.numPassedTests, 0);
  const failedTests = counts.reduce((sum, run) => sum + run.numFailedTests, 0);
  const broken = new Set(failedParts);
  for (const [part, run] of last) if (!run.success) broken.add(part);
  const uncounted = [...broken].filter((part) => (last.get(part)?.numFailedTests ?? 0) === 0);
  return { passed, failed: failedTests + uncounted.length };
}

const AGAIN = '-again';

/** A run whose failed files were run again. */
function settled(run: VitestCounts, again: VitestCounts | undefined): VitestCounts {
  if (again === undefined) return run;
  const { numFailedTests, success } = again;
  const total = run.numPassedTests + run.numFailedTests;
  return { numPassedTests: total - numFailedTests, numFailedTests, success };
}

function readRuns(folder: string): Map<string, VitestCounts> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [name.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const [folder, ...failedParts] = argv.slice(2);
  if (folder === undefined)
    throw new Error('usage: node tally.ts <folder of vitest JSON results> [failed part…]');
  const { passed, failed } = tally(readRuns(folder), failedParts);
  console.log(`${passed} passed, ${failed} failed`);
  exit(failed === 0 ? 0 : 1);
}
