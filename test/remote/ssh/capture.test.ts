import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../remote/ssh/capture.ts';

const marker = 'postern-0123456789abcdef';

/** Feeds `text` in pieces of random length and returns the capture with the lines it announced. */
function feed(text: string, longest: number): { capture: Capture; lines: string[] } {
  const lines: string[] = [];
  const capture = new Capture(marker, (line) => lines.push(line));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    const end = at + randomInt(1, longest + 1);
    capture.feed(bytes.subarray(at, end));
    at = end;
  }
  return { capture, lines };
}

describe.each([1, 3, 40, 100_000])('Capture, fed at most %d bytes at once', (longest) => {
  it.each([
    ['nothing', '', []],
    ['one line', 'hello\n', ['hello']],
    ['no newline at the end', 'hello\nworld', ['hello', 'world']],
    ['empty lines', '\n\n', ['', '']],
    ['half a marker', 'postern-0123456789\n', ['postern-0123456789']],
    ['a marker without a status', `${marker} x\n`, [`${marker} x`]],
    ['wide characters', 'grüße 漢字 🚪\n', ['grüße 漢字 🚪']],
    ['much', `${'0123456789'.repeat(3000)}\n`, ['0123456789'.repeat(3000)]],
  ])('gives back %s', (_what, output, expected) => {
    const noise = 'Welcome!\nlast login: …';
    const { capture, lines } = feed(`${noise}${marker}\n${output}${marker} 7\n`, longest);
    expect(capture.text()).toBe(output);
    expect(capture.status).toBe(7);
    expect(capture.noise()).toBe(noise);
    expect(lines).toEqual(expected);
  });

  it('leaves out what comes after the end', () => {
    const { capture } = feed(`${marker}\nout${marker} 0\nlater\n`, longest);
    expect(capture.text()).toBe('out');
  });

  it('knows neither start nor end without them', () => {
    const { capture } = feed('something else entirely\n', longest);
    expect(capture.started).toBe(false);
    expect(capture.status).toBeUndefined();
  });

  it('keeps what there is when the end never comes', () => {
    const { capture } = feed(`${marker}\nhalf of it`, longest);
    expect(capture.text()).toBe('half of it');
    expect(capture.status).toBeUndefined();
  });
});

describe('Capture', () => {
  it('does not keep endless noise', () => {
    const capture = new Capture(marker);
    for (let count = 0; count < 100; count++) capture.feed(Buffer.alloc(100_000, 'x'));
    expect(capture.noise().length).toBeLessThanOrEqual(65_536);
  });
});
