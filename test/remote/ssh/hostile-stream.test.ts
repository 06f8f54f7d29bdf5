import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../remote/ssh/capture.ts';

// What a host that means harm may write in place of a program's output.
const marker = 'postern-0123456789abcdef';
const controls = /(?!\n|\t)[\p{Cc}\p{Cf}\u2028\u2029]/u;

const nasty = fc.constantFrom(
  ...['\u001b[2J', '\u001b]0;title', '\u0007', '\u001b]8;;http://x\u001b\\', '\u009b31m', '\r', '\b', '\0'],
  ...[
    '\u202e',
    '\u2028',
    '\u200b',
    '\n',
    '=',
    'key=value\n',
    marker,
    `${marker} 0`,
    '\u001b',
    '\u001b[\u001b[0m',
  ],
);
const output = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 60 })
  .map((parts) => parts.join(''));

function feed(bytes: Buffer, sizes: readonly number[], capture: Capture): void {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    capture.feed(bytes.subarray(at, at + size));
    at += size;
  }
}

describe('what a hostile host writes', () => {
  it('reaches nobody with a control character or a line of its own making, however it is cut', () => {
    fc.assert(
      fc.property(
        output,
        output,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (noise, text, sizes) => {
          const lines: string[] = [];
          const capture = new Capture(marker, (line) => lines.push(line));
          feed(Buffer.from(`${noise}${marker}\n${text}\n${marker} 7\n`), sizes, capture);
          for (const said of [capture.text(), capture.noise(), ...lines]) expect(said).not.toMatch(controls);
          for (const line of lines) expect(line).not.toContain('\n');
          const written = `${noise}${text}`.split('\n').length;
          expect(capture.text().split('\n').length).toBeLessThanOrEqual(written + 1);
          expect(capture.status).toBeDefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['before the program, byte by byte', Buffer.alloc(100_000, 'x'), 1],
    ['as one line, byte by byte', Buffer.concat([Buffer.from(`${marker}\n`), Buffer.alloc(100_000, 'x')]), 1],
    ['as four megabytes of escapes', Buffer.from(`${marker}\n${'\u001b['.repeat(2_000_000)}`), 65_536],
  ])('costs little time: %s', (_what, bytes, size) => {
    const capture = new Capture(marker, () => {});
    const begin = performance.now();
    feed(bytes, [size], capture);
    capture.text();
    capture.noise();
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
