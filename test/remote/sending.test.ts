import { describe, expect, it } from 'vitest';
import { firstGap, sending } from '../../remote/sending.ts';
import { SEQUENCES, tcp } from '../posture/fixture.ts';

const { open } = SEQUENCES;

describe('a sequence that is sent', () => {
  it('for the first time is the sequence, as quick as networks keep the order', () => {
    expect(sending(open, 1)).toEqual({ knocks: open, gapMilliseconds: 20 });
  });

  it('for the first time is quicker over a path whose round trip is short', () => {
    expect([undefined, 0.2, 4.2, 10, 300].map(firstGap)).toEqual([20, 5, 9, 20, 20]);
    expect(sending(open, 1, firstGap(0.2)).gapMilliseconds).toBe(5);
    expect(sending(open, 2, firstGap(0.2)).gapMilliseconds).toBe(60);
  });

  it('again begins with its last knock, and goes slower', () => {
    expect(sending(open, 2)).toEqual({ knocks: [open[3], ...open], gapMilliseconds: 60 });
    const gaps = [1, 2, 3, 4, 5, 20].map((attempt) => sending(open, attempt).gapMilliseconds);
    expect(gaps).toEqual([20, 60, 120, 200, 200, 200]);
  });

  it('is one packet each time where it has only one, which fwknop makes anew', () => {
    const [single] = open;
    for (let attempt = 1; attempt <= 5; attempt++)
      expect(sending(open.slice(0, 1), attempt).knocks).toEqual([single]);
  });

  it('fits into the shortest time that a host may give, however long it is', () => {
    const long = tcp(...Array.from({ length: 32 }, (_, index) => 9000 + index));
    for (let attempt = 1; attempt <= 5; attempt++) {
      const { knocks, gapMilliseconds } = sending(long, attempt);
      expect((knocks.length - 1) * gapMilliseconds).toBeLessThan(1000);
    }
  });
});
