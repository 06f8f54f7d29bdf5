import { probeMany, type TcpState } from '../../remote/probe.ts';
import type { Vantage } from '../../remote/vantage.ts';

/** Neighbouring TCP ports that did the same although nothing of the configuration lets them answer. */
export interface UnexpectedPorts {
  readonly first: number;
  readonly last: number;
  readonly state: Extract<TcpState, 'open' | 'refused'>;
}

/** What is looked at for strays. */
export interface ScanOptions {
  /** IP literal. */
  readonly address: string;
  readonly vantage: Vantage;
  /** Milliseconds after which a port counts as silent. */
  readonly silence: number;
  /** Ports that are looked at anyway. */
  readonly known: readonly number[];
  /** Ports to try; every one by default. */
  readonly ports?: readonly number[];
}

/** Probes under way at once: as many as a home router has room for. */
const TOGETHER = 1000;

const ALL = 65_535;

/**
 * Tries TCP ports that the configuration does not open: what answers there is published past the firewall, by docker for
 * one, or let in by rules of the host's own. In an order of chance, so that no ascending sequence is knocked.
 */
export async function findUnexpectedPorts({
  address,
  vantage,
  silence,
  known,
  ports = Array.from({ length: ALL }, (_, index) => index + 1),
}: ScanOptions): Promise<UnexpectedPorts[]> {
  const wanted = shuffled(ports.filter((port) => !known.includes(port)));
  const found: UnexpectedPorts[] = [];
  for (let begin = 0; begin < wanted.length; begin += TOGETHER) {
    await probeMany(wanted.slice(begin, begin + TOGETHER), async (port) => {
      const { state } = await vantage.probeTcp(address, port, silence);
      if (state === 'open' || state === 'refused') found.push({ first: port, last: port, state });
    });
  }
  return joined(found);
}

/** `8080`, `1–21`. */
export function portsOf({ first, last }: UnexpectedPorts): string {
  return first === last ? String(first) : `${first}–${last}`;
}

function joined(found: readonly UnexpectedPorts[]): UnexpectedPorts[] {
  const ranges: UnexpectedPorts[] = [];
  for (const stray of [...found].sort((left, right) => left.first - right.first)) {
    const before = ranges.at(-1);
    if (before?.last === stray.first - 1 && before.state === stray.state)
      ranges[ranges.length - 1] = { ...before, last: stray.last };
    else ranges.push(stray);
  }
  return ranges;
}

function shuffled(ports: readonly number[]): number[] {
  return ports
    .map((port) => ({ port, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ port }) => port);
}
