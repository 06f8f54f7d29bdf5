import { describe, expect, it } from 'vitest';
import { decoys } from '../../../posture/knock/decoys.ts';
import { generateSequences } from '../../../posture/knock/generate.ts';
import { SEQUENCES, seeded, tcp } from '../fixture.ts';

const id = ({ port, protocol }: { port: number; protocol: string }) => `${port}/${protocol}`;

describe('the decoys of sequences', () => {
  it('are the neighbours of every knock, as near as they can be, with its protocol', () => {
    const found = decoys(SEQUENCES, []).map(id);
    expect(found).toHaveLength(62);
    for (const { port, protocol } of [...SEQUENCES.open, ...(SEQUENCES.close ?? [])])
      for (const distance of [-3, -2, -1, 1, 2, 3]) expect(found).toContain(`${port + distance}/${protocol}`);
  });

  it('are never knocked on or served, and all different', () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round++) {
      const sequences = generateSequences(
        { knocks: 3 + random(30), close: random(2) === 0, avoid: [] },
        random,
      );
      const avoid = Array.from({ length: 500 }, (_, index) => 7000 + index * 40);
      const ports = decoys(sequences, avoid).map(({ port }) => port);
      const wrong = new Set([
        ...avoid,
        ...[...sequences.open, ...(sequences.close ?? [])].map(({ port }) => port),
      ]);
      expect(ports.filter((port) => wrong.has(port))).toEqual([]);
      expect(new Set(ports).size).toBe(62);
    }
  });

  it('follow from the sequences: the same again for the same, others for others', () => {
    expect(decoys(SEQUENCES, [])).toEqual(decoys(structuredClone(SEQUENCES), []));
    const elsewhere = {
      open: SEQUENCES.open.map((knock) => ({ ...knock, port: knock.port + 100 })),
      close: null,
    };
    const other = decoys(elsewhere, []).map(id);
    expect(decoys(SEQUENCES, []).filter((decoy) => other.includes(id(decoy)))).toEqual([]);
  });

  it('stay ports at the ends of the range', () => {
    const found = decoys({ open: tcp(65_535, 1024, 40_000), close: null }, []);
    expect(found.every(({ port }) => port >= 1 && port <= 65_535)).toBe(true);
    expect(found).toHaveLength(62);
  });
});
