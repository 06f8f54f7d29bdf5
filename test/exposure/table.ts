import { describeAccess, exposureOf } from '../../posture/exposure/exposure.ts';
import type { Case } from './generate.ts';
import type { Outcome } from './trial.ts';

/** Heading of the table of what was tried, in Markdown. */
export const TABLE_HEAD = [
  '| # | ssh | backup | door | knocked over | answers without a knock | ping | table = host |',
  '|---|---|---|---|---|---|---|---|',
].join('\n');

/** One row: what a case was, in the words of its networks, and whether the measurement was equal to the table. */
export function tableRow(index: number, { sections, knockOver }: Case, outcome: Outcome | Error): string {
  const { ssh, backup, firewall } = sections;
  const services = [
    ...[firewall.p2p, firewall.api].flatMap((service, n) =>
      service === null ? [] : [`${service.port ?? ['p2p', 'api'][n]}${audience(service.from)}`],
    ),
    ...firewall.rules.map(
      ({ port, protocol, from }) => `${port}${protocol === 'udp' ? '/udp' : ''}${audience(from)}`,
    ),
  ];
  const cells = [
    index,
    ssh.port,
    backup.port,
    door(sections.knock),
    knockOver.map((family) => `v${family}`).join('+'),
    services.join(', ') || '–',
    firewall.icmpEcho ? 'yes' : 'no',
    verdict(outcome),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The differences of a case, for reading below the table. */
export function problemsOf(outcome: Outcome | Error): string[] {
  return outcome instanceof Error ? outcome.message.split('\n') : [...outcome.differences];
}

/** The computed table of a posture, for whoever looks into a difference. */
export function computedTable({ posture }: Outcome): string[] {
  return exposureOf(posture).map(
    ({ family, protocol, port, access }) => `${family} ${protocol} ${port ?? ''} ${describeAccess(access)}`,
  );
}

function audience(from: 'anywhere' | readonly string[]): string {
  return from === 'anywhere' ? '' : ` (${from.join(' ')})`;
}

function door({ door: kind, openSeconds }: Case['sections']['knock']): string {
  return kind === 'held' ? 'held' : `${openSeconds} s`;
}

function verdict(outcome: Outcome | Error): string {
  if (outcome instanceof Error) return 'no: the change failed';
  return outcome.differences.length === 0 ? 'yes' : `no: ${outcome.differences.length} differences`;
}
