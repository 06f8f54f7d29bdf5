import type { HostOutput } from '../../components/outputs.ts';
import { admits } from '../../posture/exposure/answering.ts';
import { probeMany, silenceTimeout, type TcpState } from '../../remote/probe.ts';
import type { Vantage } from '../../remote/vantage.ts';
import type { Place } from './family.ts';

/** A TCP port that is open without a knock, and what it did. */
export interface OpenPort {
  readonly port: number;
  readonly purpose: string;
  readonly state: TcpState;
  /** The vantage is among those whom the port is open to. */
  readonly admitted: boolean;
}

/** What the served ports of a host showed. */
export interface OpenPorts {
  readonly ports: readonly OpenPort[];
  /** Milliseconds after which a silent port of this host counts as closed, from the quickest answer. */
  readonly silence: number;
}

/** Probes every TCP port that is open without a knock. UDP is left out: from outside, open and dropped look alike. */
export async function probeOpenPorts(
  { exposure }: HostOutput,
  { family, address, source }: Place,
  vantage: Vantage,
): Promise<OpenPorts> {
  const rows = exposure.filter(
    ({ protocol, family: over, access }) =>
      protocol === 'tcp' && over === `ipv${family}` && (access.to === 'anywhere' || access.to === 'networks'),
  );
  const patience = silenceTimeout(undefined);
  const roundTrips: number[] = [];
  const ports = await probeMany(rows, async (row) => {
    const port = row.port ?? 0;
    const { state, rttMilliseconds } = await vantage.probeTcp(address, port, patience);
    if (rttMilliseconds !== undefined) roundTrips.push(rttMilliseconds);
    return { port, purpose: row.purpose, state, admitted: admits(row.access, { source: source ?? '' }) };
  });
  return { ports, silence: silenceTimeout(roundTrips.length === 0 ? undefined : Math.min(...roundTrips)) };
}
