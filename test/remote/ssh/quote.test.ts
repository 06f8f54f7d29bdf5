import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { quoteWord, quoteWords } from '../../../remote/ssh/quote.ts';

const nasty = [
  '',
  ' ',
  "'",
  "''",
  '"',
  '\\',
  "\\'",
  '\n',
  'a\nb\n',
  '\t',
  '$HOME',
  '$(id)',
  '`id`',
  '$' + '{x:-y}',
  '!history',
  '#comment',
  '~',
  '~root',
  '*',
  '?[a]{b,c}',
  '-n',
  '--',
  ';',
  '&&',
  '|',
  '>',
  '<<E',
  'a=b',
  'ünïcödé',
  '漢字',
  '🚪',
  '\u0007\u001b[31m',
  '\r\n',
  '\u00a0',
  '\u2028',
  "it's",
  'x'.repeat(5000),
];

function readBack(words: readonly string[], shell: string): string[] {
  const line = `printf '%s\\0' ${quoteWords(words)}`;
  return execFileSync(shell, ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe.each(['/bin/sh', '/bin/bash'])('quoteWords, read by %s', (shell) => {
  it('gives back every nasty word unchanged', () => {
    expect(readBack(nasty, shell)).toEqual(nasty);
  });

  it('gives back random words made of nasty parts', () => {
    const words = Array.from({ length: 400 }, () =>
      Array.from({ length: randomInt(0, 6) }, () => nasty[randomInt(nasty.length - 1)] ?? '').join(''),
    );
    expect(readBack(words, shell)).toEqual(words);
  });
});

describe('quoteWord', () => {
  it('leaves harmless words readable', () => {
    expect(quoteWord('/usr/sbin/sshd')).toBe('/usr/sbin/sshd');
  });

  it('refuses a NUL character, which would end the word early', () => {
    expect(() => quoteWord('a\0b')).toThrow(TypeError);
  });
});
