import { describe, expect, it } from 'vitest';
import { firstGap, isBurst, knockAttempts } from '../../remote/knock-retry.ts';
import { SEQUENCES, tcp } from '../posture/fixture.ts';

const { open } = SEQUENCES;

describe('a sequence that is sent', () => {
  it('for the first time is the sequence, as quick as networks keep the order', () => {
    expect(knockAttempts(open, 1)).toEqual([{ knocks: open, gapMilliseconds: 20 }]);
  });

  it('for the first time is quicker over a path whose round trip is short', () => {
    expect([undefined, 0.2, 4.2, 10, 300].map(firstGap)).toEqual([20, 5, 9, 20, 20]);
    expect(knockAttempts(open, 1, firstGap(0.2))).toMatchObject([{ gapMilliseconds: 5 }]);
  });

  it('again begins with its last knock: in bursts, then slower each time', () => {
    const again = [2, 3, 4, 5, 20].map((attempt) => knockAttempts(open, attempt));
    for (const { knocks } of again.flat()) expect(knocks).toEqual([open[3], ...open]);
    expect(again.map((ways) => ways.at(-1)?.gapMilliseconds)).toEqual([60, 100, 140, 140, 140]);
    for (const ways of again)
      expect(ways.map((target) => isBurst(target.gapMilliseconds))).toEqual([
        true,
        true,
        true,
        true,
        true,
        false,
      ]);
    expect(isBurst(firstGap(0))).toBe(false);
    expect(isBurst(undefined)).toBe(false);
  });

  it('is one packet each time where it has only one, which fwknop makes anew', () => {
    const [single] = open;
    for (let attempt = 1; attempt <= 5; attempt++)
      expect(knockAttempts(open.slice(0, 1), attempt)).toEqual([{ knocks: [single], gapMilliseconds: 0 }]);
  });

  it('fits into the shortest time that a host may give, however long it is', () => {
    const long = tcp(...Array.from({ length: 32 }, (_, index) => 9000 + index));
    for (let attempt = 1; attempt <= 5; attempt++)
      for (const { knocks, gapMilliseconds } of knockAttempts(long, attempt))
        expect((knocks.length - 1) * gapMilliseconds).toBeLessThan(1000);
  });
});
