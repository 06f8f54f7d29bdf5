import type { HostOutput } from '../../components/outputs.ts';
import type { Exposure } from '../../posture/exposure/exposure.ts';
import { type Cell, plain } from '../command-line/table.ts';
import { shortTime } from '../command-line/time.ts';
import { type Outcome, outcomeCell } from '../stack/outcome.ts';
import type { UnsealedHost } from '../stack/unsealed.ts';

/** The heading of the table that an `up` ends with. */
export const summaryHead = [
  'HOST',
  'RESULT',
  'ADDRESS',
  'REACHABLE NOW',
  'AFTER A KNOCK',
  'EVIDENCE',
] as const;

/** The row of a host that is sealed: what is in force there, whatever became of a change since. */
export function sealedRow(host: HostOutput, outcome: Outcome): Cell[] {
  const { name, address, addressV6, exposure } = host;
  return [
    plain(name),
    outcomeCell(outcome),
    plain(addressV6 === null ? address : `${address}\n${addressV6}`),
    plain(
      reachable(exposure.filter(({ access }) => ['anywhere', 'networks', 'unknown'].includes(access.to))),
    ),
    plain(reachable(exposure.filter(({ access }) => access.to === 'knocker'))),
    evidenceCell(host),
  ];
}

/** The row of a host that is not: what answers there, nobody has measured. */
export function unsealedRow({ name, address, result }: UnsealedHost, outcome: Outcome): Cell[] {
  const known = address ?? result?.address ?? '-';
  return [plain(name), outcomeCell(outcome), plain(known), plain('not known'), plain('-'), plain('none')];
}

/** A line for each port; one that differs between IPv4 and IPv6 says which. */
function reachable(rows: readonly Exposure[]): string {
  const lines = rows.map((row) => ({ family: row.family, text: portText(row) }));
  const texts = [...new Set(lines.map(({ text }) => text))].map((text) => {
    const families = lines.filter((line) => line.text === text).map(({ family }) => family);
    return families.length > 1 ? text : `${text}, ${families[0] === 'ipv4' ? 'IPv4' : 'IPv6'}`;
  });
  return texts.join('\n') || 'nothing';
}

function portText({ port, protocol, purpose, access }: Exposure): string {
  if (access.to === 'knocker')
    return `${port} ${purpose}${access.seconds === null ? ', until closed' : `, for ${access.seconds} s`}`;
  const what = port === null ? purpose : `${port}${protocol === 'tcp' ? '' : `/${protocol}`} ${purpose}`;
  return access.to === 'networks' ? `${what}, from ${access.networks.join(' ')}` : what;
}

function evidenceCell({ evidence, sealedAt, unverified }: HostOutput): Cell {
  const families = [...new Set(evidence.map(({ family }) => family.replace('ipv', 'v')))].sort();
  const over = families.length === 0 ? '' : `, ${families.join('+')}`;
  const count = evidence.length === 1 ? '1 check' : `${evidence.length} checks`;
  const lines = [`${count}${over}`, shortTime(sealedAt)];
  if (unverified.length === 0) return plain(lines.join('\n'));
  return { text: [...lines, 'NOT ALL VERIFIED'].join('\n'), tone: 'bad' };
}
