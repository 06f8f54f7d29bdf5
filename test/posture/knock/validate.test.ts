import { describe, expect, it } from 'vitest';
import type { Protocol, Sequence, Sequences } from '../../../posture/knock/sequence.ts';
import { type ValidateOptions, validateSequences, weaknesses } from '../../../posture/knock/validate.ts';
import { SEQUENCES, seeded, tcp } from '../fixture.ts';

const OPTIONS: ValidateOptions = { served: [22, 2222, 4002, 4003], acceptWeak: false, needsClose: false };

function reasons(
  sequences: Partial<Sequences>,
  options: Partial<ValidateOptions> = {},
): Record<string, string> {
  const judged = validateSequences({ ...SEQUENCES, ...sequences }, { ...OPTIONS, ...options });
  return Object.fromEntries(judged.map(({ property, reason }) => [property, reason]));
}

function udp(...ports: number[]): Sequence {
  return ports.map((port) => ({ port, protocol: 'udp' }));
}

describe('a user’s own sequences', () => {
  it('are accepted when nothing is wrong with them', () => {
    expect(reasons({})).toEqual({});
    expect(reasons({ close: null })).toEqual({});
  });

  it('may not knock on a port that the host serves, by whichever protocol', () => {
    expect(reasons({ open: [...tcp(9000, 4002, 8000), ...udp(2222)] })).toEqual({
      'open[1].port': expect.stringContaining('serves'),
      'open[3].port': expect.stringContaining('serves'),
    });
    expect(reasons({ close: tcp(9000, 4002, 9500) })).toEqual({
      'close[1].port': expect.stringContaining('serves'),
    });
  });

  it('use each port once', () => {
    expect(reasons({ open: [...tcp(9000, 8000), ...udp(9000)] })).toEqual({
      'open[2].port': expect.stringContaining('comes twice'),
    });
  });

  it.each([
    ['7000, 8000, 9000', tcp(7000, 8000, 9000)],
    ['9000, 8000, 7000', tcp(9000, 8000, 7000)],
    ['3333, 4444, 5555', tcp(3333, 4444, 5555)],
    ['knockd’s manual', [...udp(2222), ...tcp(3333), ...udp(4444)]],
    ['another protocol', [...tcp(7000), ...udp(8000), ...tcp(9000)]],
    ['four UDP ports', udp(23_456, 34_567, 45_678, 56_789)],
  ])('may not be an example of the guides, weak or not: %s', (_name, sequence) => {
    for (const acceptWeak of [false, true]) {
      expect(reasons({ open: sequence, close: null }, { acceptWeak, served: [] })).toEqual({
        open: expect.stringContaining('public guide'),
      });
      expect(reasons({ close: sequence }, { acceptWeak, served: [] })).toEqual({
        close: expect.stringContaining('public guide'),
      });
    }
  });

  it('may only rise or only fall where that is accepted explicitly', () => {
    const rising = tcp(7100, 8100, 9100);
    const falling = [...udp(9100), ...tcp(8100, 7100)];
    for (const sequence of [rising, falling]) {
      expect(reasons({ open: sequence })).toEqual({
        open: expect.stringContaining('knock.acceptWeak: true'),
      });
      expect(reasons({ close: sequence })).toEqual({ close: expect.stringContaining('only rises') });
      expect(reasons({ open: sequence, close: null }, { acceptWeak: true })).toEqual({});
    }
  });

  it('may not open and close with the same knocks, nor with a part of them', () => {
    const open = SEQUENCES.open;
    expect(reasons({ close: open })).toEqual({ close: expect.stringContaining('equals the other') });
    expect(reasons({ close: open.slice(0, 3) })).toEqual({
      close: expect.stringContaining('is the beginning of the other'),
    });
    expect(reasons({ close: [...open, ...tcp(9999)] })).toEqual({
      close: expect.stringContaining('is the beginning of the other'),
    });
    expect(reasons({ close: [...open].reverse() })).toEqual({});
  });

  it('need a closing one for a held door', () => {
    expect(reasons({ close: null }, { needsClose: true })).toEqual({
      close: expect.stringContaining('held door'),
    });
    expect(reasons({}, { needsClose: true })).toEqual({});
  });

  it('never show a port in a reason or a warning', () => {
    const random = seeded(20_261_121);
    // The bounds that the texts may name.
    const spoken = new Set([32_768]);
    for (let round = 0; round < 2000; round++) {
      const sequences: Sequences = {
        open: anySequence(random),
        close: random(4) === 0 ? null : anySequence(random),
      };
      const served = random(2) === 0 ? [] : sequences.open.map(({ port }) => port);
      const texts = [
        ...validateSequences(sequences, { served, acceptWeak: random(2) === 0, needsClose: true }).map(
          ({ reason }) => reason,
        ),
        ...weaknesses(sequences),
      ].join('\n');
      for (const { port } of [...sequences.open, ...(sequences.close ?? [])]) {
        if (!spoken.has(port)) expect(texts).not.toMatch(new RegExp(`\\b${port}\\b`));
      }
    }
  });
});

/** Often weak: rising, short, with repetitions, or of one protocol. */
function anySequence(random: (below: number) => number): Sequence {
  const protocols: Protocol[] = random(2) === 0 ? ['tcp'] : ['tcp', 'udp'];
  const ports = Array.from({ length: 3 + random(4) }, () => 1024 + random(64_512));
  const ordered = random(2) === 0 ? ports.sort((a, b) => a - b) : ports;
  if (random(4) === 0) ordered.push(ordered[0] ?? 0);
  return ordered.map((port) => ({ port, protocol: protocols[random(protocols.length)] ?? 'tcp' }));
}

describe('what a scanner would do to an accepted sequence', () => {
  it('is nothing to be said of a mixed one of four', () => {
    expect(weaknesses(SEQUENCES)).toEqual([]);
  });

  it.each([
    ['TCP only', tcp(9000, 7000, 8000, 7500), /TCP only.* once in 24 scans/],
    ['three knocks', [...tcp(9000), ...udp(7000), ...tcp(8000)], /three knocks.* once in 6 scans/],
    ['ephemeral ports', [...tcp(9000, 32_768), ...udp(7000, 8000)], /ephemeral ports/],
    ['monotonic', [...tcp(7000, 7100), ...udp(7200, 7300)], /any sweep over the ports opens the door/],
  ])('is said in a sentence that names the key: %s', (_name, open, expected) => {
    const warnings = weaknesses({ open, close: null });
    expect(warnings).toEqual([expect.stringMatching(expected)]);
    expect(warnings[0]).toMatch(/^knock\.sequence\.open .*[.]$/);
  });

  it('counts the last port below the ephemeral ones as such', () => {
    expect(weaknesses({ open: [...tcp(9000, 32_767), ...udp(7000, 8000)], close: null })).toEqual([]);
  });
});
