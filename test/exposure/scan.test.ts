import { describe, expect, it } from 'vitest';
import { answersIn } from './scan.ts';

const report = (body: string) =>
  `<nmaprun><host><ports>${body}</ports></host><runstats></runstats></nmaprun>`;
const port = (protocol: string, number: number, state: string) =>
  `<port protocol="${protocol}" portid="${number}"><state state="${state}" reason="x" reason_ttl="64"/></port>`;

describe('what answers in nmap’s report', () => {
  it('is what is open or refuses, not what is silent', () => {
    const ports = [port('tcp', 22, 'open'), port('tcp', 80, 'filtered'), port('tcp', 81, 'closed')];
    const udp = [port('udp', 53, 'closed'), port('udp', 68, 'open|filtered'), port('udp', 123, 'open')];
    expect([...answersIn(report([...ports, ...udp].join('')))]).toEqual([
      'tcp 22',
      'tcp 81',
      'udp 53',
      'udp 123',
    ]);
  });

  it('includes ports that are too many to be listed', () => {
    const silent = '<extraports state="filtered" count="65000"></extraports>';
    const loud = '<extraports state="closed" count="500"></extraports>';
    expect([...answersIn(report(silent))]).toEqual([]);
    expect([...answersIn(report(silent + loud))]).toEqual(['500 ports closed']);
  });

  it('is unknown when the report is cut off', () => {
    expect(() => answersIn('<nmaprun>')).toThrow('did not finish');
  });
});
