import { describe, expect, it } from 'vitest';
import { sanitise } from '../../remote/sanitise.ts';

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
