import { expect, it } from 'vitest';
import { plain, table, wrap } from '../../../cli/command-line/table.ts';

const wide = { width: 100, color: false };

it('aligns columns and leaves no space at the end of a line', () => {
  const text = table(
    ['HOST', 'ADDRESS', 'NETWORK'],
    [
      [plain('devnet-1'), plain('10.213.1.2\nfd0a:d213:1::2'), plain('devnet')],
      [plain('d'), plain('10.213.2.2'), plain('')],
    ],
    wide,
  );
  expect(text).toBe(
    [
      'HOST      ADDRESS         NETWORK',
      'devnet-1  10.213.1.2      devnet',
      '          fd0a:d213:1::2',
      'd         10.213.2.2',
      '',
    ].join('\n'),
  );
});

it('wraps the widest columns between words until the table fits', () => {
  const long = 'a sentence of several words that does not fit beside the other one';
  const text = table(['ONE', 'TWO', 'THREE'], [[plain(long), plain(long), plain('short')]], {
    ...wide,
    width: 60,
  });
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('short');
});

it('lets a word that cannot be broken stand out instead of cutting it', () => {
  const address = 'fd0a:d213:1111:2222:3333:4444:5555:6666';
  expect(table(['ADDRESS'], [[plain(address)]], { ...wide, width: 20 })).toContain(address);
});

it('colours a cell without moving what stands beside it', () => {
  const rows = [[{ text: 'OPEN!', tone: 'bad' } as const, plain('end')]];
  expect(table(['SSH', 'X'], rows, { ...wide, color: true })).toContain('\u001b[31mOPEN!\u001b[0m   end');
  expect(table(['SSH', 'X'], rows, wide)).not.toContain('\u001b');
});

it('keeps line ends when it wraps', () => {
  expect(wrap('one two\nthree', 5)).toEqual(['one', 'two', 'three']);
  expect(wrap('', 5)).toEqual(['']);
});
