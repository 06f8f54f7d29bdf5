import { isIP } from 'node:net';
import type { WatchedPort } from './watched-ports.ts';

/** A packet that reached a host. */
export interface Arrival {
  /** When this machine heard of it, ISO 8601 in UTC, to the millisecond. */
  readonly at: string;
  /** Who sent it: an IP address. */
  readonly from: string;
  /** What it was: the label of an ear. */
  readonly what: string;
  readonly protocol: 'tcp' | 'udp';
}

/** A line of `listen.pl`; undefined where it tells of no packet. */
export function readArrival(line: string, ports: readonly WatchedPort[], now: Date): Arrival | undefined {
  const [from = '', what] = line.split('\t');
  const ear = ports.find(({ label }) => label === what);
  if (ear === undefined || isIP(from) === 0) return undefined;
  return { at: now.toISOString(), from, what: ear.label, protocol: ear.protocol };
}

/** An arrival as a line for people. */
export function arrivalLine({ at, from, what, protocol }: Arrival): string {
  return `${at.replace('T', ' ')}  ${from.padEnd(15)}  ${what} (${protocol})`;
}

/** What became of the opening knocks of one address. */
export interface ArrivalCount {
  readonly from: string;
  /** Labels of the knocks that came at least once. */
  readonly came: readonly string[];
  /** Those that never did. */
  readonly missing: readonly WatchedPort[];
}

/** Counts which opening knocks came, for each address that sent any. */
export function arrivalCounts(arrivals: readonly Arrival[], ports: readonly WatchedPort[]): ArrivalCount[] {
  const knocks = ports.filter(({ label }) => label.startsWith('knock '));
  const senders = new Map<string, Set<string>>();
  for (const { from, what } of arrivals) senders.set(from, (senders.get(from) ?? new Set()).add(what));
  return [...senders].flatMap(([from, heard]) => {
    const came = knocks.filter(({ label }) => heard.has(label)).map(({ label }) => label);
    return came.length === 0
      ? []
      : [{ from, came, missing: knocks.filter(({ label }) => !heard.has(label)) }];
  });
}

/** What the tally of one address means. */
export function arrivalCountText({ from, came, missing }: ArrivalCount): string {
  const of = came.length + missing.length;
  if (missing.length === 0) return `${from}: all ${of} knocks arrived.`;
  const lost = missing.map(({ label, protocol }) => `${label} (${protocol})`).join(', ');
  return `${from}: ${came.length} of ${of} knocks arrived; missing: ${lost}. Something between there and the host drops them.`;
}
