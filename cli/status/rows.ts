import type { HostOutput } from '../../components/outputs.ts';
import { exitCode } from '../exit.ts';
import { type Cell, plain } from '../table.ts';
import { shortTime } from '../time.ts';
import { findingsOf } from './judge.ts';
import type { KnockReading, Reading } from './measure.ts';

/** The heading of the fleet table. */
export const statusHead = ['HOST', 'ADDRESS', 'REACHABLE NOW', 'AFTER A KNOCK', 'LAST CHANGE'] as const;

/** A host's rows in the fleet table, one for each IP version. */
export function statusRows(host: HostOutput, readings: readonly Reading[]): Cell[][] {
  if (readings.length === 0)
    return [
      [plain(host.name), plain(host.address), bad('does not resolve from here'), plain('-'), last(host)],
    ];
  return readings.map((reading, index) => [
    plain(index === 0 ? host.name : ''),
    plain(reading.address),
    nowCell(host, reading),
    afterCell(reading.afterKnock, host.sshPort),
    index === 0 ? last(host) : plain(''),
  ]);
}

function nowCell(host: HostOutput, reading: Reading): Cell {
  const { now } = reading;
  if (now === null) return plain('no route from here');
  const loud = findingsOf(host, reading).filter(({ code }) => code !== exitCode.door);
  if (loud.length > 0) return bad(loud.map(({ text }) => text).join('\n'));
  const passing = now.served
    .filter(({ admitted }) => admitted)
    .map(({ port, purpose }) => `${port} ${purpose}`);
  const closed = now.wasOpen ? 'ssh was open for you' : '';
  return plain(
    [...(passing.length === 0 ? ['nothing'] : passing), closed].filter((line) => line !== '').join('\n'),
  );
}

function afterCell(after: KnockReading | null, sshPort: number): Cell {
  if (after === null) return plain('-');
  const { ssh, milliseconds, closed } = after;
  if (ssh !== 'open') return bad(`ssh ${sshPort} stays ${ssh}`);
  if (closed === 'no') return bad(`ssh ${sshPort} opens, does not close`);
  return {
    text: `ssh ${sshPort} after ${milliseconds} ms${closed === 'time' ? '' : ', closed again'}`,
    tone: 'good',
  };
}

function last({ sealedAt }: HostOutput): Cell {
  return plain(shortTime(sealedAt));
}

function bad(text: string): Cell {
  return { text, tone: 'bad' };
}
