import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Product code; tests and measurements may name what they try. */
const files = execFileSync(
  'git',
  ['ls-files', 'index.ts', 'posture', 'transaction', 'remote', 'provider', 'components', 'cli'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path.endsWith('.ts'));

/** Lines that compare something with one of these names, by `===`, a `case` or a table. */
function comparisons(names: string, elsewhere: RegExp): string[] {
  const compares = new RegExp(
    `(===|!==) *'(${names})'|'(${names})' *(===|!==)|case '(${names})'|includes\\('(${names})'\\)`,
  );
  return files
    .filter((path) => elsewhere.test(path))
    .flatMap((path) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => (compares.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
}

it('asks a knock engine what the rest has to know of it, and never for its name', () => {
  const found = comparisons('knockd|kernel|fwknop', /^(?!posture\/(knock|firewall)\/)/);
  // Whom the journal has a line from.
  expect(found.filter((line) => !line.includes("_TRANSPORT === 'kernel'"))).toEqual([]);
});

it('asks a firewall what the rest has to know of it, and never for its name, but in preflight, which knows them all', () => {
  const found = comparisons(
    'ufw|firewalld|iptables|nftables',
    /^(?!posture\/(knock|firewall)\/|transaction\/preflight\/)/,
  );
  expect(found).toEqual([]);
});
