import type { LabVps } from '../../lab/vps.ts';
import { answering } from '../../posture/exposure/answering.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { ping } from '../../remote/ping.ts';
import { probeTcp } from '../../remote/probe.ts';
import { probeUdp } from '../remote/probe-udp.ts';
import { oddAnswers } from './odd.ts';
import { clientsOf } from './place.ts';
import { type Scan, scanAll } from './scan.ts';

/** What is looked at. */
export interface Looked {
  readonly vps: LabVps;
  readonly posture: Posture;
  readonly sequences: Sequences;
  /** Families over which the knocker's door is open now. */
  readonly knocked: readonly (4 | 6)[];
  /** Also send packets that are no plain connection, which nothing may answer whatever the posture. */
  readonly odd?: boolean;
}

/** UDP ports that services, packaged firewall rules and scanners use. */
const USUAL = [
  ...[7, 19, 53, 67, 68, 69, 88, 111, 123, 137, 138, 161, 162, 177, 389, 443, 500, 514, 520, 546, 547, 623],
  ...[1194, 1434, 1701, 1900, 3478, 3702, 4500, 5004, 5060, 5351, 5353, 5355, 11_211, 27_015, 51_820],
];

/** UDP ports worth looking at: the usual ones, every port that the posture or a knock names, and their neighbours. */
export function interestingUdp({ posture, sequences }: Pick<Looked, 'posture' | 'sequences'>): number[] {
  const named = [
    posture.ssh.port,
    posture.backup.port,
    ...posture.firewall.rules.map(({ port }) => port),
    ...[...sequences.open, ...(sequences.close ?? [])].map(({ port }) => port),
  ];
  const all = [...USUAL, ...named.flatMap((port) => [port - 1, port, port + 1])];
  return [...new Set(all)].filter((port) => port >= 1 && port <= 65_535).sort((a, b) => a - b);
}

/**
 * Scans a host as the knocker and as the bystander, over both families, and says where what answers is not what the
 * exposure table has computed; empty when both are equal.
 */
export async function compare(looked: Looked): Promise<{ differences: string[]; probes: number }> {
  const { vps, posture, knocked } = looked;
  const udp = interestingUdp(looked);
  const views = Object.values(clientsOf(vps)).flatMap((client) =>
    ([4, 6] as const).map((family) => ({
      name: `${client.name} over IPv${family}`,
      source: family === 4 ? client.ipv4 : client.ipv6,
      knocked: client.name === 'knocker' && knocked.includes(family),
      address: family === 4 ? vps.address : vps.addressV6,
      udp,
      // Nothing may depend on the port that a packet comes from, such as a DHCP server's.
      sourcePort: client.name === 'bystander' ? (family === 4 ? 67 : 547) : undefined,
    })),
  );
  const table = exposureOf(posture);
  const odd: string[] = [];
  const sendOdd = async () => {
    const strangers = views.filter(({ name }) => name.startsWith('bystander'));
    const found = await Promise.all(
      strangers.map((view) => oddAnswers(view, { port: unserved(posture), echo: posture.firewall.icmpEcho })),
    );
    for (const { answers } of found) odd.push(...answers);
  };
  // Before the scan, whose answers come to the same addresses.
  if (looked.odd === true) await sendOdd();
  const [seen, echoes] = await Promise.all([
    scanAll(views),
    Promise.all(views.map(({ address, source }) => ping(address, 1, source))),
  ]);
  const found = await Promise.all(
    views.map(async (view, index) => {
      const met = new Set([...(seen[index] ?? []), ...(echoes[index] === 'answered' ? ['icmp echo'] : [])]);
      const due = new Set(
        answering(table, view).map(({ protocol, port }) => `${protocol} ${port ?? 'echo'}`),
      );
      const open = [...met].filter((port) => !due.has(port)).map((port) => `${port} answers`);
      const missing = [...due].filter((port) => !met.has(port));
      const shut = await Promise.all(
        missing.map(async (port) => ((await secondLook(view, port)) ? [] : [`${port} is silent`])),
      );
      return [...open, ...shut.flat()].map((what) => `${what} for the ${view.name}, against the table`);
    }),
  );
  const answered = odd.map((answer) => `${answer}, for the bystander`);
  return { differences: [...found.flat(), ...answered], probes: views.length * (65_535 + udp.length + 1) };
}

/** A port that nobody is let in to, and that no scanned port's answer can be taken for. */
function unserved({ ssh, backup, firewall }: Posture): number {
  const taken = new Set([ssh.port, backup.port, ...firewall.rules.map(({ port }) => port)]);
  let port = 9998;
  while (taken.has(port)) port -= 1;
  return port;
}

/** A scan sends each probe once, so an answer that got lost is asked for again before it is missed. */
async function secondLook({ address, source }: Scan, what: string): Promise<boolean> {
  const [protocol, number] = what.split(' ');
  const probe = { address, port: Number(number), timeoutMilliseconds: 1500, sourceAddress: source };
  if (protocol === 'icmp') return (await ping(address, 1, source)) === 'answered';
  if (protocol === 'udp') return (await probeUdp(probe)) === 'refused';
  const { state } = await probeTcp(probe);
  return state === 'open' || state === 'refused';
}
