import { readFileSync } from 'node:fs';
import { execVps } from '../../lab/exec.ts';
import { runProgram } from '../../lab/program.ts';
import type { LabVps } from '../../lab/vps.ts';

/** What is scanned: every TCP port, and these of UDP. */
export interface Scan {
  readonly address: string;
  readonly source: string;
  readonly udp: readonly number[];
  /** The port that everything is sent from; default: one of nmap's choice. */
  readonly sourcePort?: number | undefined;
}

/** Ports of TCP that a scan of all of them covers. */
export const ALL_TCP = 65_535;

/**
 * Takes the kernel's limit off a lab host's ICMP errors until it boots: with it, a UDP port that lets packets through
 * would look silent after the first few. Fragments that nothing follows are given up after a second, not after 30 or 60.
 */
export async function unlimitIcmpErrors(vps: LabVps): Promise<void> {
  const settings = [
    ...['net.ipv4.icmp_ratemask=0', 'net.ipv6.icmp.ratelimit=0'],
    ...['net.ipv4.ipfrag_time=1', 'net.ipv6.ip6frag_time=1', 'net.netfilter.nf_conntrack_frag6_timeout=1'],
  ];
  const { code, stderr } = await execVps(vps, ['sysctl', '-q', '-w', ...settings]);
  if (code !== 0) throw new Error(`sysctl: ${stderr}`);
}

/**
 * Scans at once; for each, what answered anything at all, as `tcp 22`. That every probe reached the host is counted on
 * the wire: where the machine lost one, all is scanned again.
 * @throws Error when probes were lost three times, or nmap fails.
 */
export async function scanAll(scans: readonly Scan[]): Promise<Set<string>[]> {
  const link = await linkTo(scans[0]?.address ?? '');
  const probes = scans.reduce((sum, { udp }) => sum + ALL_TCP + udp.length, 0);
  let lost = '';
  for (let attempt = 1; attempt <= 3; attempt++) {
    const before = wire(link);
    const seen = await Promise.all(scans.map((scan) => scanOne(scan, link)));
    const after = wire(link);
    const sent = after.sent - before.sent;
    const dropped = after.dropped - before.dropped;
    if (sent >= probes && dropped === 0) return seen;
    lost = `${sent} packets of at least ${probes} reached the host's link, ${dropped} were dropped`;
  }
  throw new Error(`a scan lost probes: ${lost}`);
}

async function scanOne({ address, source, udp, sourcePort }: Scan, link: string): Promise<Set<string>> {
  const speed = [
    '--send-eth',
    '-T5',
    '--min-rate',
    '100000',
    '--max-retries',
    '0',
    '--min-parallelism',
    '1000',
  ];
  const { code, stdout, stderr } = await runProgram(
    [
      'nmap',
      ...['-n', '-Pn', '-sS', '-sU', ...speed, '-oX', '-'],
      ...['-p', `T:1-${ALL_TCP},U:${udp.join(',')}`],
      ...(address.includes(':') ? ['-6'] : []),
      ...(sourcePort === undefined ? [] : ['-g', String(sourcePort)]),
      ...['-S', source, '-e', link, address],
    ],
    { timeoutSeconds: 120 },
  );
  if (code !== 0) throw new Error(`nmap: ${stderr}`);
  return answersIn(stdout);
}

/** What nmap's XML says answered. Where too many did to be listed, their number stands for them. */
export function answersIn(xml: string): Set<string> {
  if (!xml.includes('<runstats>')) throw new Error('nmap did not finish');
  const ports = xml.matchAll(/<port protocol="(\w+)" portid="(\d+)"><state state="([^"]+)"/g);
  const many = xml.matchAll(/<extraports state="([^"]+)" count="(\d+)"/g);
  const silent = ['filtered', 'open|filtered'];
  return new Set([
    ...[...ports].flatMap(([, protocol, port, state = '']) =>
      silent.includes(state) ? [] : [`${protocol} ${port}`],
    ),
    ...[...many].flatMap(([, state = '', count]) =>
      silent.includes(state) ? [] : [`${count} ports ${state}`],
    ),
  ]);
}

/** The interface of this machine that leads to a host. */
export async function linkTo(address: string): Promise<string> {
  const { stdout } = await runProgram(['ip', '-o', 'route', 'get', address]);
  const link = / dev (\S+)/.exec(stdout)?.[1];
  if (link === undefined) throw new Error(`no route to ${address}`);
  return link;
}

/** Packets handed to the host's end of its cable, and packets that found it full. */
function wire(link: string): { sent: number; dropped: number } {
  const count = (name: string) => Number(readFileSync(`/sys/class/net/${link}p/statistics/${name}`, 'utf8'));
  return { sent: count('tx_packets'), dropped: count('tx_dropped') };
}
