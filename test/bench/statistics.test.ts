import { describe, expect, it } from 'vitest';
import { median, ratio } from '../../bench/statistics.ts';

describe('median', () => {
  it('of an odd number of values is the middle one, in whatever order they come', () => {
    expect(median([30, 10, 200])).toBe(30);
  });

  it('of an even number is the mean of the middle two', () => {
    expect(median([10, 40, 20, 1000])).toBe(30);
  });

  it('of nothing is no number', () => {
    expect(median([])).toBeNaN();
  });
});

describe('ratio', () => {
  it('divides the medians and shows the extremes of the rounds', () => {
    expect(ratio([20, 30, 100], [10, 10, 20])).toEqual({ median: 3, low: 2, high: 5 });
  });

  it('of a series that was not measured does not exist', () => {
    expect(ratio([20], [])).toBeUndefined();
    expect(ratio([], [20])).toBeUndefined();
  });
});
