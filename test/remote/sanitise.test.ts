import { describe, expect, it } from 'vitest';
import { excerpt, plainText, sanitise } from '../../remote/sanitise.ts';

describe('sanitise', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a window title', '\u001b]0;title\u0007text', 'text'],
    ['a hyperlink', '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['an unterminated title', 'a\u001b]0;never ends', 'a'],
    ['a cursor movement', 'a\u001b[2J\u001b[Hb', 'ab'],
    ['an 8-bit CSI', 'a\u009b31mb', 'a31mb'],
    ['carriage returns', 'real\rfake\r\nnext', 'real\nfake\nnext'],
    ['backspaces and bells', 'a\b\u0007b', 'ab'],
    ['bidirectional overrides', 'a\u202eb\u2066c', 'abc'],
    ['zero-width characters', 'a\u200bb\ufeff', 'ab'],
    ['line separators', 'a\u2028b', 'ab'],
  ])('removes %s', (_what, text, clean) => {
    expect(sanitise(text)).toBe(clean);
  });

  it('leaves text, accents, tabs and line ends alone', () => {
    expect(sanitise('grüße\tan\n漢字 🚪')).toBe('grüße\tan\n漢字 🚪');
  });

  it('keeps the end of a long text and says that it was cut', () => {
    expect(sanitise(`${'a'.repeat(100)}the reason`, 10)).toBe('…the reason');
  });

  it('is quick on megabytes of escapes', () => {
    const begin = performance.now();
    sanitise('\u001b['.repeat(2_000_000));
    expect(performance.now() - begin).toBeLessThan(200);
  });
});

describe('plainText', () => {
  it.each([
    ['colours', 'key=\u001b[31mred\n', 'key=red\n'],
    ['a title that never ends, but not the next line', 'a\u001b]0;title\nkey=value\n', 'a\nkey=value\n'],
    ['carriage returns before a line end', 'a\r\nb\r', 'a\nb'],
    ['a carriage return that would begin a line', 'a\rkey=value', 'a key=value'],
    ['what becomes an escape only by removing another', '\u001b\u001b[0m[31mred', '[31mred'],
  ])('removes %s', (_what, text, clean) => {
    expect(plainText(text)).toBe(clean);
  });

  it('keeps all of it, and the space around it', () => {
    const text = ` ${'a'.repeat(10_000)}\n`;
    expect(plainText(text)).toBe(text);
  });
});

describe('excerpt', () => {
  it('keeps beginning and end', () => {
    expect(excerpt(`first${'-'.repeat(100_000)}last`, 10)).toBe('first … -last');
    expect(excerpt('short', 10)).toBe('short');
  });

  it('is plain text', () => {
    expect(excerpt('a\u001b[2Jb', 100)).toBe('ab');
  });
});
