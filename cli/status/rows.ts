import type { HostOutput } from '../../components/outputs.ts';
import type { TcpState } from '../../remote/probe.ts';
import { type Cell, plain } from '../command-line/table.ts';
import { shortTime } from '../command-line/time.ts';
import type { OpenPort } from '../host/open-ports.ts';
import { answers } from './findings.ts';
import type { KnockReading, Reading } from './measure.ts';
import { portsOf, type UnexpectedPorts } from './unexpected-ports.ts';

/** The heading of the fleet table. */
export const statusHead = [
  'HOST',
  'ADDRESS',
  'CLOSED',
  'REACHABLE NOW',
  'AFTER A KNOCK',
  'LAST CHANGE',
] as const;

/** A host's rows in the fleet table, one for each IP version. */
export function statusRows(host: HostOutput, readings: readonly Reading[]): Cell[][] {
  const last = plain(shortTime(host.sealedAt));
  const none = plain('-');
  if (readings.length === 0)
    return [[plain(host.name), plain(host.address), none, bad('not measured'), none, last]];
  return readings.map(({ address, now, afterKnock }, index) => [
    plain(index === 0 ? host.name : ''),
    plain(address),
    now === null ? none : closedCell(host, now),
    now === null ? plain('no route from here') : servedCell(now.served, now.strays ?? []),
    afterCell(afterKnock, host.sshPort),
    index === 0 ? last : plain(''),
  ]);
}

function closedCell({ sshPort, backupPort }: HostOutput, now: NonNullable<Reading['now']>): Cell {
  const { ssh, backup, wasOpen, first = [] } = now;
  const open = first.filter(({ state }) => answers(state));
  const lines = [
    `${sshPort} ssh${seen(ssh)}${wasOpen ? ' (was open)' : ''}`,
    `${backupPort} backup${seen(backup)}`,
    ...open.map(({ port, state }) => `${port} first${seen(state)}`),
  ];
  return {
    text: lines.join('\n'),
    tone: answers(ssh) || answers(backup) || open.length > 0 ? 'bad' : 'plain',
  };
}

/** Strays that are shown one by one; all of them stand in the JSON. */
const SHOWN = 5;

function servedCell(served: readonly OpenPort[], strays: readonly UnexpectedPorts[]): Cell {
  const promised = served
    .filter(({ admitted, state }) => admitted || answers(state))
    .map(({ port, purpose, state, admitted }) => {
      const wrong = admitted ? ` ${state}!` : ' though not admitted!';
      return { text: `${port} ${purpose}`, wrong: admitted === answers(state) ? '' : wrong };
    });
  const lines = [...promised, ...strayLines(strays)];
  if (lines.length === 0) return plain('nothing');
  const text = lines.map((line) => line.text + line.wrong).join('\n');
  return { text, tone: lines.some(({ wrong }) => wrong !== '') ? 'bad' : 'plain' };
}

function strayLines(strays: readonly UnexpectedPorts[]): { text: string; wrong: string }[] {
  const lines = strays.slice(0, SHOWN).map((stray) => ({
    text: portsOf(stray),
    wrong: stray.state === 'open' ? ' OPEN, not configured!' : ' ANSWERS, not configured!',
  }));
  const more = strays.length - lines.length;
  return more === 0 ? lines : [...lines, { text: `${more} more`, wrong: '!' }];
}

function afterCell(after: KnockReading | null, sshPort: number): Cell {
  if (after === null) return plain('-');
  const { ssh, milliseconds, closed } = after;
  if (ssh !== 'open') return bad(`ssh ${sshPort} stays ${ssh}`);
  if (closed === 'no') return bad(`ssh ${sshPort} opens, does not close`);
  return {
    text: `ssh ${sshPort} in ${milliseconds} ms${closed === 'time' ? '' : ', closed again'}`,
    tone: 'good',
  };
}

/** What a port that has to be closed did, where it is not silence. */
function seen(state: TcpState): string {
  const said = { open: ' OPEN!', refused: ' ANSWERS!', unreachable: ' unreachable', silent: '' } as const;
  return said[state];
}

function bad(text: string): Cell {
  return { text, tone: 'bad' };
}
