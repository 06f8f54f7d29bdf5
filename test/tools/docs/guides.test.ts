import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const STEPS = 33;

const rows = readFileSync(join(ROOT, 'docs/guides.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const number = Number(cells[1]);
    return cells.length === 6 && number > 0 ? [{ number, shownBy: cells[4] ?? '' }] : [];
  });

const named = rows.flatMap(({ number, shownBy }) =>
  [...shownBy.matchAll(/\]\(\.\.\/(test\/[^)]+)\) “([^”]+)”/g)].map(([, file = '', test = '']) => ({
    number,
    file,
    test,
  })),
);

describe('the table of the guides’ steps', () => {
  it('has a row for each step, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));
  });

  it('names for each step a test, or says that it is not there yet', () => {
    const silent = rows.filter(
      ({ number, shownBy }) => !shownBy.includes('Not yet: ') && !named.some((row) => row.number === number),
    );
    expect(silent).toEqual([]);
  });

  it('names no link in another form, which would go unchecked', () => {
    const links = rows.reduce((sum, { shownBy }) => sum + shownBy.split('](').length - 1, 0);
    expect(named).toHaveLength(links);
  });

  it.each(named)('names a test that exists: step $number, $file, $test', ({ file, test }) => {
    const path = join(ROOT, file);
    expect(existsSync(path), file).toBe(true);
    // As the first argument of `it`, wherever the formatter has put it.
    expect(readFileSync(path, 'utf8')).toContain(`'${test}',`);
  });
});
