import { BlockList, isIP } from 'node:net';
import type { HostOutput } from '../components/outputs.ts';
import type { Exposure } from '../posture/exposure.ts';
import { probeMany, silenceTimeout, type TcpState } from '../remote/probe.ts';
import type { Vantage } from '../remote/vantage.ts';
import type { Place } from './family.ts';

/** A TCP port that is open without a knock, and what it did. */
export interface ServedPort {
  readonly port: number;
  readonly purpose: string;
  readonly state: TcpState;
  /** The vantage is among those whom the port is open to. */
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
  vantage: Vantage,
): Promise<Served> {
  const rows = exposure.filter(
    (row) => row.protocol === 'tcp' && row.family === `ipv${family}` && row.access.to !== 'knocker',
  );
  const patience = silenceTimeout(undefined);
  const roundTrips: number[] = [];
  const ports = await probeMany(rows, async (row) => {
    const port = row.port ?? 0;
    const { state, rttMilliseconds } = await vantage.probeTcp(address, port, patience);
    if (rttMilliseconds !== undefined) roundTrips.push(rttMilliseconds);
    return { port, purpose: row.purpose, state, admitted: admits(row, source ?? '') };
  });
  return { ports, silence: silenceTimeout(roundTrips.length === 0 ? undefined : Math.min(...roundTrips)) };
}

/** Whether an exposure admits a client that comes from `source`, an IP literal. */
export function admits({ access }: Pick<Exposure, 'access'>, source: string): boolean {
  if (access.to !== 'networks') return access.to === 'anywhere';
  const list = new BlockList();
  for (const network of access.networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list.check(source, isIP(source) === 6 ? 'ipv6' : 'ipv4');
}
