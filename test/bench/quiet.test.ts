import { expect, it } from 'vitest';
import { busyShare, parseProcessorTimes } from '../../bench/quiet.ts';

it('tells the share of the processors’ time that was in use; waiting for a disk is none', () => {
  const before = parseProcessorTimes('cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4\n');
  expect(before).toEqual({ idle: 800, all: 1000 });
  const after = parseProcessorTimes('cpu  130 10 110 850 150 0 0 50 0 0\n');
  expect(busyShare(before, after)).toBeCloseTo(1 / 3);
});

it('calls a moment in which no time passed idle', () => {
  const times = { idle: 1, all: 2 };
  expect(busyShare(times, times)).toBe(0);
});
