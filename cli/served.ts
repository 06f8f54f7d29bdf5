import type { HostOutput } from '../components/outputs.ts';
import { admits } from '../posture/exposure/answering.ts';
import { probeMany, probeTcp, silenceTimeout, type TcpState } from '../remote/probe.ts';
import type { Place } from './family.ts';

/** A TCP port that is open without a knock, and what it did. */
export interface ServedPort {
  readonly port: number;
  readonly purpose: string;
  readonly state: TcpState;
  /** This machine is among those whom the port is open to. */
  readonly admitted: boolean;
}

/** What the served ports of a host showed. */
export interface Served {
  readonly ports: readonly ServedPort[];
  /** Milliseconds after which a silent port of this host counts as closed, from the quickest answer. */
  readonly silence: number;
}

/** Probes every TCP port that is open without a knock. UDP is left out: from outside, open and dropped look alike. */
export async function probeServed(
  { exposure }: HostOutput,
  { family, address, source }: Place,
): Promise<Served> {
  const rows = exposure.filter(
    ({ protocol, family: over, access }) =>
      protocol === 'tcp' && over === `ipv${family}` && (access.to === 'anywhere' || access.to === 'networks'),
  );
  const patience = silenceTimeout(undefined);
  const roundTrips: number[] = [];
  const ports = await probeMany(rows, async (row) => {
    const port = row.port ?? 0;
    const { state, rttMilliseconds } = await probeTcp({ address, port, timeoutMilliseconds: patience });
    if (rttMilliseconds !== undefined) roundTrips.push(rttMilliseconds);
    return { port, purpose: row.purpose, state, admitted: admits(row.access, { source: source ?? '' }) };
  });
  return { ports, silence: silenceTimeout(roundTrips.length === 0 ? undefined : Math.min(...roundTrips)) };
}
