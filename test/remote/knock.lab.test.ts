import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { freshVps } from '../lab/fixture.ts';
import { inside } from './lab.ts';

const sequence: Sequence = [
  { port: 12_001, protocol: 'tcp' },
  { port: 23_002, protocol: 'udp' },
  { port: 9003, protocol: 'tcp' },
  { port: 21_004, protocol: 'udp' },
  { port: 8005, protocol: 'tcp' },
];
let vps: LabVps;

beforeAll(async () => {
  vps = await freshVps();
});

/** Packets to each knocked port so far, in the sequence's order, whatever their flags; every packet counts. */
async function counted(): Promise<number[]> {
  const text = await inside(vps, 'nft -j list table inet count');
  const rules: { rule?: { comment?: string; expr: { counter?: { packets: number } }[] } }[] =
    JSON.parse(text).nftables;
  return sequence.map(({ port }) => {
    const rule = rules.find((entry) => entry.rule?.comment === `${port}`)?.rule;
    return rule?.expr.flatMap((part) => part.counter?.packets ?? [])[0] ?? -1;
  });
}

async function count(verdict: string): Promise<void> {
  const rules = sequence.map(({ port, protocol }) => {
    const length = protocol === 'udp' ? 'udp length 8' : 'tcp flags & (fin|syn|rst|psh|ack) == syn';
    return `${protocol} dport ${port} ${length} counter ${verdict} comment "${port}"`;
  });
  // What is no bare SYN and no empty datagram is counted for the first port, so that it shows.
  const ports = sequence.map(({ port }) => port).join(', ');
  const stray = `th dport { ${ports} } counter comment "stray"`;
  await inside(
    vps,
    `nft -f - <<'END'
table inet count
delete table inet count
table inet count {
  chain in {
    type filter hook input priority -200;
    ${[...rules, stray].join('\n    ')}
  }
}
END`,
  );
}

async function strays(): Promise<number> {
  const text = await inside(vps, 'nft list table inet count');
  return Number(/counter packets (\d+) bytes \d+ comment "stray"/.exec(text)?.[1] ?? -1);
}

describe.each(['drop', 'accept'])('knocks at ports that %s', (verdict) => {
  beforeEach(() => count(verdict));

  it.each(['address', 'addressV6'] as const)('are exactly one packet each, at the %s', async (which) => {
    const times = 10;
    for (let round = 0; round < times; round++)
      await sendKnocks({ address: vps[which], sequence, gapMilliseconds: 5 });
    // Long enough for a second SYN, which the kernel would send after a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await counted()).toEqual(sequence.map(() => times));
    // Accepted knocks pass on to the last rule themselves; nothing else may.
    if (verdict === 'drop') expect(await strays()).toBe(0);
  });

  it('stay single when this process is kept busy right after', async () => {
    const knocking = sendKnocks({ address: vps.address, sequence, gapMilliseconds: 0 });
    const busyUntil = performance.now() + 2500;
    while (performance.now() < busyUntil);
    await knocking;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await counted()).toEqual(sequence.map(() => 1));
  });
});

describe('knocks at knockd', () => {
  beforeAll(async () => {
    const doors = sequence.map(({ port, protocol }) => `${port}:${protocol}`).join(',');
    await inside(
      vps,
      `nft delete table inet count 2>/dev/null || true
       apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -qqy knockd >/dev/null
       cat >/etc/knockd.conf <<'END'
[options]
  logfile = /var/log/knockd.log
  Interface = eth0
[door]
  sequence = ${doors}
  seq_timeout = 5
  tcpflags = syn
  command = echo %IP% >>/run/opened
END
       systemctl restart knockd; sleep 0.5; systemctl is-active knockd`,
    );
  });

  const opened = () => inside(vps, 'sleep 0.3; cat /run/opened 2>/dev/null || true; rm -f /run/opened');

  it('open the door every time, over IPv4 and IPv6, for their source', async () => {
    for (let round = 0; round < 10; round++) {
      await sendKnocks({ address: vps.address, sequence });
      await sendKnocks({ address: vps.addressV6, sequence, sourceAddress: vps.gatewayV6 });
    }
    const [other = ''] = vps.otherClients;
    await sendKnocks({ address: vps.address, sequence, sourceAddress: other });
    const lines = (await opened()).trim().split('\n').sort();
    const of = (address: string) => lines.filter((line) => line === address).length;
    expect([of(vps.gateway), of(vps.gatewayV6), of(other), lines.length]).toEqual([10, 10, 1, 21]);
  });

  it('open nothing in the wrong order', async () => {
    await sendKnocks({ address: vps.address, sequence: sequence.toReversed() });
    const [first, second, ...rest] = sequence;
    if (first !== undefined && second !== undefined)
      await sendKnocks({ address: vps.address, sequence: [second, first, ...rest] });
    expect(await opened()).toBe('');
  });
});
