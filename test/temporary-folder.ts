import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';

function make(): string {
  return mkdtempSync(join(tmpdir(), 'postern-test-'));
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A folder for all tests of a file, or of the `describe` that this is called in; removed behind them. */
export function folderForAll(): string {
  const folder = make();
  afterAll(() => remove(folder));
  return folder;
}

/**
 * A folder for each test, removed behind it.
 *
 * @param use is given its path before the test.
 */
export function folderForEach(use: (folder: string) => void): void {
  let folder: string;
  beforeEach(() => {
    folder = make();
    use(folder);
  });
  afterEach(() => remove(folder));
}
