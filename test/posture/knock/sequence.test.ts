import { describe, expect, it } from 'vitest';
import {
  formatSequence,
  isMonotonic,
  type Sequence,
  sameSequence,
  startsWith,
} from '../../../posture/knock/sequence.ts';
import { SEQUENCES, tcp } from '../fixture.ts';

describe('a sequence', () => {
  it('is written as knockd.conf(5) has it', () => {
    expect(formatSequence(SEQUENCES.open)).toBe('17123:tcp,9321:udp,28456:tcp,11789:udp');
  });

  it('equals another only with the same ports, protocols, order and length', () => {
    const one = tcp(5000, 7000, 6000);
    expect(sameSequence(one, tcp(5000, 7000, 6000))).toBe(true);
    expect(sameSequence(one, tcp(5000, 6000, 7000))).toBe(false);
    expect(sameSequence(one, tcp(5000, 7000))).toBe(false);
    expect(sameSequence(tcp(5000, 7000), one)).toBe(false);
    const udp: Sequence = one.map(({ port }) => ({ port, protocol: 'udp' }));
    expect(sameSequence(one, udp)).toBe(false);
  });

  it('starts with its own beginning, and not with a longer one', () => {
    expect(startsWith(tcp(5000, 7000, 6000), tcp(5000, 7000))).toBe(true);
    expect(startsWith(tcp(5000, 7000), tcp(5000, 7000, 6000))).toBe(false);
    expect(startsWith(tcp(5000, 7000, 6000), tcp(7000))).toBe(false);
  });

  it.each([
    [[5000, 6000, 7000], true],
    [[7000, 6000, 5000], true],
    [[1, 2, 65_535], true],
    [[65_535, 2, 1], true],
    [[5000, 7000, 6000], false],
    [[7000, 5000, 6000], false],
    [[5000, 5000, 6000], false],
    [[5000, 6000, 7000, 6999], false],
  ])('%j is monotonic: %s', (ports, expected) => {
    expect(isMonotonic(tcp(...ports))).toBe(expected);
  });
});
