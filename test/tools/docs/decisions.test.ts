import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../../docs/decisions');

const files = readdirSync(FOLDER).filter((name) => name !== 'README.md');

it.each(files)(
  '%s says when it was accepted or what replaced it, and is in the index with its title',
  (name) => {
    const [title = '', status = ''] = readFileSync(join(FOLDER, name), 'utf8').split('\n');
    const [, number, words] = /^# (\d{4}) (\S.*)$/.exec(title) ?? [];
    const [, said, date] = /^(Accepted|Replaced by \d{4},) (\d{4}-\d\d-\d\d)\./.exec(status) ?? [];
    expect(name.slice(0, 4)).toBe(number);
    expect(said).toBeDefined();
    expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toContain(
      `| [${number}](${name}) | ${words} | ${said?.toLowerCase()} ${date} |`,
    );
  },
);
