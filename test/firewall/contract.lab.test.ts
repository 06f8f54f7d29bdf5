import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { decoys } from '../../posture/knock/decoys.ts';
import { servedPorts } from '../../posture/served-ports.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { ping } from '../../remote/ping.ts';
import { probeTcp } from '../../remote/probe.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { oddAnswers } from '../exposure/odd.ts';
import { scanAll, unlimitIcmpErrors } from '../exposure/scan.ts';
import { logPackets, markLog, packetsSince, unlogPackets } from '../knock/kernel-log.ts';
import { freshVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { probeUdp } from '../remote/probe-udp.ts';
import { front, knocked, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';
import { hardenUnheard } from '../transaction/outage.ts';
import { BACKENDS, listen, shut, watchPorts } from './backends.ts';

const OPEN_SECONDS = 5;
const LISTENERS = [4002, 4003, 9100, 9998];

/** What every firewall has to do, measured from outside, on one host for each. */
describe.each(BACKENDS)('a host behind $backend', (made) => {
  const { backend, reloads, leaky = [], byHand, byHandBack, logs } = made;
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  const families = () => [
    { address: vps.address, gateway: vps.gateway, others: vps.otherClients },
    { address: vps.addressV6, gateway: vps.gatewayV6, others: vps.otherClientsV6 },
  ];
  /** One client knocks over IPv4, the other over IPv6. */
  const doors = () =>
    [
      { address: vps.address, knocker: vps.otherClients[0], bystander: vps.otherClients[1] },
      { address: vps.addressV6, knocker: vps.otherClientsV6[1], bystander: vps.otherClientsV6[0] },
    ] as const;
  const sections = (changes: Record<string, unknown> = {}) => ({
    knock: { openSeconds: OPEN_SECONDS },
    firewall: {
      backend,
      api: { from: vps.otherClients.slice(0, 1).concat(vps.otherClientsV6.slice(0, 1)) },
      // Words that mean something elsewhere on the host mean nothing in a purpose.
      rules: [{ port: 9100, protocol: 'udp', purpose: 'metrics -j POSTERN-INPUT postern-backup' }],
      ...changes,
    },
  });
  const state = async (address: string, port: number, sourceAddress?: string) =>
    (await probeTcp({ address, port, timeoutMilliseconds: 500, sourceAddress })).state;

  beforeAll(async () => {
    vps = await freshVps();
    await listen(vps, LISTENERS);
    job = await jobFor(vps, sections());
    sealed = remembered(job, await hardened(job));
  });

  it('shows the ports of its posture and nothing else, to whom it says', async () => {
    await shut(vps);
    await unlimitIcmpErrors(vps);
    const udp = [53, 68, 111, 123, 546, 1900, 5353, 9100];
    const scans = families().flatMap(({ address, gateway, others }) =>
      [gateway, others[0] ?? ''].map((source) => ({ address, source, udp })),
    );
    const [own4, admitted4, own6, admitted6] = await scanAll(scans);
    for (const seen of [own4, own6]) expect(seen).toEqual(new Set(['tcp 4002', 'udp 9100']));
    for (const seen of [admitted4, admitted6])
      expect(seen).toEqual(new Set(['tcp 4002', 'tcp 4003', 'udp 9100']));
    for (const { address, others } of families()) {
      expect(await state(address, 4003, others[1])).toBe('silent');
      expect(await ping(address)).toBe('silent');
    }
  });

  it('answers no packet that is no plain connection, and still says where nobody serves a port that is open', async () => {
    await unlimitIcmpErrors(vps);
    const [v4, v6] = await Promise.all(
      families().map(({ address, others: [, source = ''] }) =>
        oddAnswers({ address, source }, { port: 9998, served: 9100 }),
      ),
    );
    expect(v4?.answers).toEqual(['icmp 3/3 to: UDP that is served']);
    const served = 'icmpv6 1/4 to: UDP that is served';
    expect(v6?.answers).toEqual([served, `${served} behind options`]);
  });

  it.skipIf(logs === undefined)('has no knock and no decoy reach a rule that logs packets', async () => {
    const { open, close } = job.sequences;
    const decoyed = decoys(job.sequences, servedPorts(job.posture));
    const hidden = [...open, ...(close ?? []), ...decoyed];
    logPackets();
    try {
      await inside(vps, logs?.on ?? '');
      for (const { address } of families()) {
        const mark = markLog(`${backend} ${address}`);
        expect(await knockedOpen(vps, job, { address })).toBe(true);
        await sendKnocks({ address, sequence: close ?? [] });
        const probe = { address, timeoutMilliseconds: 200 };
        await Promise.all(
          [...decoyed, { protocol: 'tcp', port: 9998 }].map(({ protocol, port }) =>
            protocol === 'tcp' ? probeTcp({ ...probe, port }) : probeUdp({ ...probe, port }),
          ),
        );
        const lines = await packetsSince(vps, mark);
        const named = (port: number) => lines.some((line) => line.includes(` DPT=${port} `));
        expect(named(9998)).toBe(true);
        expect(hidden.filter(({ port }) => named(port))).toEqual([]);
      }
    } finally {
      await inside(vps, logs?.off ?? '');
      unlogPackets();
    }
  });

  it('opens the door for who knocked, over that family alone; the kernel shuts it, also with the daemons dead', async () => {
    await shut(vps);
    const [v4, v6] = doors();
    for (const { address, knocker, bystander } of doors()) {
      expect(await knockedOpen(vps, job, { address, sourceAddress: knocker })).toBe(true);
      expect(await front(vps, job, { address, sourceAddress: bystander })).toBe('silent');
    }
    // Each knocked over one family; over the other the same machine is a stranger.
    expect(await front(vps, job, { address: v6.address, sourceAddress: v6.bystander })).toBe('silent');
    expect(await front(vps, job, { address: v4.address, sourceAddress: v4.bystander })).toBe('silent');
    const daemons = 'knockd.service firewalld.service';
    await inside(vps, `systemctl kill -s KILL ${daemons} 2>/dev/null || :`);
    await sleep(OPEN_SECONDS * 1000 + 300);
    for (const { address, knocker } of doors())
      expect(await front(vps, job, { address, sourceAddress: knocker })).toBe('silent');
    // They come back by themselves.
    for (const { address, knocker } of doors()) {
      const from = { address, sourceAddress: knocker };
      await expect.poll(() => knockedOpen(vps, job, from), { timeout: 60_000 }).toBe(true);
      expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', from)).toBe(true);
    }
    // Of several knocks that were sent the last may open the door after it was closed.
    await sleep(OPEN_SECONDS * 1000);
  });

  it('keeps IPv6 alive when every neighbour is forgotten, and talks to itself', async () => {
    await inside(vps, 'ip neigh flush all; ip -6 neigh flush all');
    for (const { address } of families()) expect(await state(address, 4002)).toBe('open');
    await inside(
      vps,
      "python3 -c \"import socket; [socket.create_connection((a, 9998), 2) for a in ('127.0.0.1', '::1')]\"",
    );
  });

  it.each([
    ...reloads.map((command) => ({ command, ports: [22, 9998] })),
    ...leaky.map((command) => ({ command, ports: [22] })),
  ])('stays shut, and opens after a knock, through: $command ($ports)', async ({ command, ports }) => {
    await shut(vps);
    const watch = watchPorts(families().flatMap(({ address }) => ports.map((port) => ({ address, port }))));
    await inside(vps, command);
    await sleep(300);
    expect(await watch.stop()).toEqual([]);
    await expect.poll(() => state(vps.address, 4002), { timeout: 15_000 }).toBe('open');
    for (const { address } of families()) expect(await knockedOpen(vps, job, { address })).toBe(true);
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('tells what was changed by hand', async () => {
    await inside(vps, byHand);
    expect((await inspect(job, sealed, () => {})).join('\n')).toMatch(/^\+ (rules|file)/m);
    await inside(vps, byHandBack);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('stays shut through a power cut, from the first packet on, and has the same rules afterwards', async () => {
    await shut(vps);
    // However long the rules take, everything else waits for them.
    const slow = '/etc/systemd/system/postern-firewall.service.d';
    await inside(vps, `mkdir ${slow}; printf '[Service]\\nExecStartPre=sleep 0.5\\n' >${slow}/slow.conf`);
    const boots = await bootCount(vps);
    const watch = watchPorts(
      families().flatMap(({ address }) => [22, 9998].map((port) => ({ address, port }))),
    );
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    expect(await watch.stop()).toEqual([]);
    // A lab host's network is up before its first process; that of a VPS is not before network-pre.target.
    const networkPre = await inside(
      vps,
      'systemctl show -p ActiveEnterTimestampMonotonic --value network-pre.target',
    );
    expect(watch.refused()).toBeLessThan(Number(networkPre));
    await inside(vps, `rm -r ${slow}; systemctl daemon-reload`);
    for (const { address, others } of families()) {
      expect(await state(address, 4002)).toBe('open');
      expect(await state(address, 4003, others[1])).toBe('silent');
      expect(await knockedOpen(vps, job, { address })).toBe(true);
    }
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('goes back exactly, files and rules in force, when a firewall on the way drops the knocks', async () => {
    await shut(vps);
    const before = await fingerprint(vps);
    const changed = { p2p: null, icmpEcho: true, rules: [{ port: 9998, purpose: 'never' }] };
    const broken = await jobFor(vps, { ...sections(changed), verify: { attempts: 1 } }, sealed);
    expect(await hardenUnheard(vps, broken)).toMatch(
      /after the right sequence .*rolled the change back and is as it was/s,
    );
    await shut(vps);
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    expect(await state(vps.address, 4002)).toBe('open');
    expect(await state(vps.address, 9998)).toBe('silent');
  });

  it('changes what is open, a held door too, in one change', async () => {
    const next = await jobFor(
      vps,
      { knock: { door: 'held' }, firewall: { backend, p2p: null, api: null, icmpEcho: true } },
      sealed,
    );
    sealed = remembered(next, await hardened(next));
    job = next;
    for (const { address, others } of families()) {
      const from = { address, sourceAddress: others[0] };
      await shut(vps);
      expect(await state(address, 4002)).toBe('silent');
      expect(await ping(address)).toBe('answered');
      expect(await knockedOpen(vps, job, from)).toBe(true);
      expect(await front(vps, job, { address, sourceAddress: others[1] })).toBe('silent');
      expect(await inspect(job, sealed, () => {})).toEqual([]);
      expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', from)).toBe(true);
    }
  });

  const isTried = LONG || ['ufw', 'firewalld'].includes(backend);
  it.runIf(isTried)(
    'has nothing left of a held door that was open while a change was undone, once it is closed',
    async () => {
      await shut(vps);
      const before = await fingerprint(vps);
      const from = { address: vps.address, sourceAddress: vps.otherClients[0] };
      expect(await knockedOpen(vps, job, from)).toBe(true);
      const broken = await jobFor(
        vps,
        { knock: { door: 'held' }, firewall: { backend, p2p: null, api: null }, verify: { attempts: 1 } },
        sealed,
      );
      expect(await hardenUnheard(vps, broken)).toMatch(/rolled the change back and is as it was/);
      // A list of `recent` is emptied by the change, and the door shut with it; a rule or a set is put back.
      expect(await front(vps, job, from)).toBe(backend === 'iptables' ? 'silent' : 'open');
      expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', from)).toBe(true);
      await shut(vps);
      expect(difference(before, await fingerprint(vps))).toEqual([]);
    },
  );
});
