import { describe, expect, it } from 'vitest';
import { GENERATED_PORTS, generateSequences } from '../../../posture/knock/generate.ts';
import { isMonotonic, type Sequence } from '../../../posture/knock/sequence.ts';
import { validateSequences, weaknesses } from '../../../posture/knock/validate.ts';
import { seeded } from '../fixture.ts';

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed);

/** Every seed, with lengths from 3 to 32. */
function each(judge: (open: Sequence, close: Sequence, seed: number) => void): void {
  for (const seed of SEEDS) {
    const { open, close } = generateSequences(
      { knocks: 3 + (seed % 30), close: true, avoid: [] },
      seeded(seed),
    );
    judge(open, close ?? [], seed);
  }
}

describe('generated sequences', () => {
  it('have as many knocks as asked for, all ports different, none in both', () => {
    each((open, close, seed) => {
      expect([open.length, close.length]).toEqual([3 + (seed % 30), 3 + (seed % 30)]);
      expect(new Set([...open, ...close].map(({ port }) => port)).size).toBe(2 * open.length);
    });
  });

  it('stay within 7000–32767 and reach both ends of it', () => {
    const seen = new Set<number>();
    each((open, close) => {
      for (const { port } of [...open, ...close]) {
        expect(port).toBeGreaterThanOrEqual(7000);
        expect(port).toBeLessThanOrEqual(32_767);
        seen.add(port);
      }
    });
    expect(Math.min(...seen)).toBeLessThan(7050);
    expect(Math.max(...seen)).toBeGreaterThan(32_700);
    expect(
      generateSequences({ knocks: 3, close: false, avoid: [] }, cycle(0, 0, 25_767, 1)).open,
    ).toContainEqual(expect.objectContaining({ port: GENERATED_PORTS.highest }));
  });

  it('alternate TCP and UDP, beginning with either', () => {
    const first = new Set<string>();
    each((open, close) => {
      first.add(open[0]?.protocol ?? '');
      for (const sequence of [open, close]) {
        sequence.forEach(({ protocol }, index) => {
          expect(protocol).not.toBe(sequence[index + 1]?.protocol);
        });
      }
    });
    expect([...first].sort()).toEqual(['tcp', 'udp']);
  });

  it('are never monotonic, so no sweep opens the door', () => {
    each((open, close) => {
      expect(isMonotonic(open)).toBe(false);
      expect(isMonotonic(close)).toBe(false);
    });
  });

  it('keep off the ports that are served', () => {
    // All but a handful of ports are taken, so that every draw would hit one.
    const free = [7001, 7777, 8888, 9999, 12_345, 20_000, 31_000, 32_767];
    const avoid = Array.from({ length: 25_768 }, (_, index) => 7000 + index).filter(
      (port) => !free.includes(port),
    );
    const { open, close } = generateSequences({ knocks: 4, close: true, avoid }, seeded(7));
    expect([...open, ...(close ?? [])].map(({ port }) => port).sort((a, b) => a - b)).toEqual(free);
  });

  it('pass the judgement that a user’s own have to pass, without a warning', () => {
    each((open, close) => {
      if (open.length === 3) return;
      const options = { served: [22, 2222, 4002, 4003], acceptWeak: false, needsClose: true };
      expect(validateSequences({ open, close }, options)).toEqual([]);
      expect(weaknesses({ open, close })).toEqual([]);
    });
  });

  it('lack a closing one where none is wanted', () => {
    expect(generateSequences({ knocks: 4, close: false, avoid: [] }, seeded(1)).close).toBeNull();
  });

  it('differ from seed to seed and are the same for the same one', () => {
    const make = (seed: number) =>
      JSON.stringify(generateSequences({ knocks: 4, close: true, avoid: [] }, seeded(seed)));
    expect(new Set(SEEDS.map(make)).size).toBe(SEEDS.length);
    expect(make(42)).toBe(make(42));
  });
});

function cycle(...numbers: number[]): (below: number) => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}
