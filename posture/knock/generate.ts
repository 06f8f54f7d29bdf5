import { isMonotonic, type Knock, type Protocol, type Sequence, type Sequences } from './sequence.ts';

/**
 * The ports that generated knocks use: the guides' range (7000–40000) less Linux' ephemeral ports, which begin at
 * 32768 (ip_local_port_range), so that no outgoing connection of the host can sit on one.
 */
export const GENERATED_PORTS = { lowest: 7000, highest: 32_767 } as const;

/** A uniform random integer, 0 ≤ n < `below`. Injected, because this folder is pure. */
export type RandomInt = (below: number) => number;

/** What a generated pair of sequences has to look like. */
export interface GenerateOptions {
  /** Knocks in each sequence: 3–32, the most knockd takes (SEQ_MAX). */
  readonly knocks: number;
  /** Also make a closing sequence. */
  readonly close: boolean;
  /** Ports that are served and must not be knocked on. */
  readonly avoid: readonly number[];
}

/**
 * New secret sequences: TCP and UDP alternating from a random start, ports all different, never monotonic, and no
 * port shared between opening and closing, so that neither can be a part of the other.
 */
export function generateSequences(options: GenerateOptions, random: RandomInt): Sequences {
  const taken = new Set(options.avoid);
  const open = generateOne(options.knocks, taken, random);
  return { open, close: options.close ? generateOne(options.knocks, taken, random) : null };
}

function generateOne(knocks: number, taken: Set<number>, random: RandomInt): Sequence {
  // Alternation is what defeats a scanner: it sweeps one protocol after the other, so it never sends TCP, UDP, TCP.
  let protocol: Protocol = random(2) === 0 ? 'tcp' : 'udp';
  const ports = distinctPorts(knocks, taken, random);
  return ports.map((port): Knock => {
    const knock = { port, protocol };
    protocol = protocol === 'tcp' ? 'udp' : 'tcp';
    return knock;
  });
}

/** Any of {@link GENERATED_PORTS}. */
export function randomPort(random: RandomInt): number {
  return GENERATED_PORTS.lowest + random(GENERATED_PORTS.highest - GENERATED_PORTS.lowest + 1);
}

function distinctPorts(count: number, taken: Set<number>, random: RandomInt): number[] {
  for (;;) {
    const ports = new Set<number>();
    while (ports.size < count) {
      const port = randomPort(random);
      if (!taken.has(port)) ports.add(port);
    }
    const chosen = [...ports];
    if (isMonotonic(chosen.map((port) => ({ port, protocol: 'tcp' })))) continue;
    for (const port of chosen) taken.add(port);
    return chosen;
  }
}
