import fc from 'fast-check';
import { expect, it } from 'vitest';
import { knockProgress, parseKnockState } from '../../cli/doctor/knock-state.ts';
import { readFallback } from '../../cli/host/fallback.ts';
import { eventLine, eventOf } from '../../cli/log/event.ts';
import { eventsBy } from '../../cli/log/read.ts';
import { arrivalCounts } from '../../cli/watch/arrival.ts';
import { countWork } from '../work.ts';

// What a host says to the command line.
it.each([
  'opened, 30 s SRC=\u001b]0;owned\u0007 DPT=22',
  'opened, 30 s SRC=fe80::\u001b[2J DPT=22',
  'closed SRC=everybody DPT=22',
])('a knock in its journal comes from an address, or is none', (MESSAGE) => {
  const entry = { MESSAGE, __REALTIME_TIMESTAMP: '1', __CURSOR: 's=1' };
  expect(eventOf(entry, { open: 4, close: null })).toBeUndefined();
});

it('its journal, whatever it holds, becomes plain and short lines', async () => {
  const words = [
    'opened for 192.0.2.7, 30 s',
    'stage 1 of 4 for ',
    'postern-door: ',
    '192.0.2.7: postern-open: Stage 9',
  ];
  const text = fc
    .array(
      fc.oneof(fc.constantFrom(...words, '\u001b[2J', '\r', '\u202e', 'SRC='), fc.string({ unit: 'binary' })),
    )
    .map((parts) => parts.join(''));
  const entry = fc.record({
    __REALTIME_TIMESTAMP: fc.oneof(fc.nat().map(String), text),
    __CURSOR: text,
    MESSAGE: text,
  });
  const entries = fc.array(
    fc.oneof(
      entry.map((each) => JSON.stringify({ ...each, __CURSOR: 's=1' })),
      text,
    ),
  );
  await fc.assert(
    fc.asyncProperty(entries, async (lines) => {
      const { events } = await eventsBy(async () => lines.join('\n'), { open: 4, close: null }, '-1h', 100);
      for (const event of events) {
        expect(eventLine(event)).not.toMatch(/(?!\n|\t)[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(eventLine(event).length).toBeLessThan(200);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('what it has in force instead of its rules is quoted briefly', () => {
  const fallback = readFallback(`level=copy\nreason=${'x'.repeat(100_000)}\n`);
  expect(fallback?.reason.length).toBeLessThan(500);
});

it('a kernel that remembers thousands of knockers keeps nobody busy', () => {
  const text = (count: number) =>
    Array.from({ length: count }, (_, n) => `stage ${n % 900} 192.0.2.7 1\n`).join('');
  const others = Array.from(
    { length: 60_000 },
    (_, n) => `stage 1 10.${n >> 16}.${(n >> 8) & 255}.${n & 255} 1\n`,
  );
  const before = parseKnockState(others.join(''));
  const work = countWork();
  knockProgress(before, parseKnockState(text(60_000)), '192.0.2.7');
  parseKnockState(`now ${'1'.repeat(400_000)}\nadmitted 192.0.2.7 ${'1'.repeat(400_000)}\n`);
  expect(work()).toBeLessThan(3000);
});

it('packets from thousands of senders keep nobody busy', () => {
  const ports = [{ label: 'knock 1', protocol: 'tcp', port: 7000 }] as const;
  const arrivals = Array.from({ length: 60_000 }, (_, n) => {
    const from = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    return { at: '', from, what: 'knock 1', protocol: 'tcp' as const };
  });
  const work = countWork();
  expect(arrivalCounts(arrivals, ports)).toHaveLength(60_000);
  expect(work()).toBeLessThan(3000);
});
