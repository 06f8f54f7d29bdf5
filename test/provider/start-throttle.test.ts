import { describe, expect, it } from 'vitest';
import { StartThrottle } from '../../provider/start-throttle.ts';

describe('a pace', () => {
  it('lets the first go at once, and each of the others an interval after the one before', async () => {
    const pace = new StartThrottle(400);
    const begin = performance.now();
    const starts = await Promise.all([1, 2, 3].map(() => pace.turn().then(() => performance.now() - begin)));
    expect(starts[0]).toBeLessThan(350);
    // Timers may be early by a millisecond.
    expect(starts[1]).toBeGreaterThan(398);
    expect(starts[2]).toBeGreaterThan(798);
  });

  it('keeps nobody waiting who was told to stop', async () => {
    const pace = new StartThrottle(60_000);
    await pace.turn();
    await pace.turn(AbortSignal.timeout(10));
  });

  it('has nothing to wait for when the last start was long ago', async () => {
    const pace = new StartThrottle(1000);
    await pace.turn();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const begin = performance.now();
    await pace.turn();
    expect(performance.now() - begin).toBeLessThan(900);
  });
});
