/** The middle value; of an even number of values the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** How one series compares with another that was measured beside it. */
export interface Ratio {
  /** Ratio of the medians. */
  readonly median: number;
  /** Smallest and largest ratio of two values of the same round. */
  readonly low: number;
  readonly high: number;
}

/**
 * Compares two series, value by value of the same round; undefined when one is empty.
 *
 * @param values what is judged.
 * @param reference what it is measured against.
 */
export function ratio(values: readonly number[], reference: readonly number[]): Ratio | undefined {
  const pairs = values.flatMap((value, index) => {
    const other = reference[index];
    return other === undefined ? [] : [value / other];
  });
  if (pairs.length === 0) return undefined;
  return {
    median: median(values) / median(reference),
    low: Math.min(...pairs),
    high: Math.max(...pairs),
  };
}
