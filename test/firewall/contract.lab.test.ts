import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { ping } from '../../remote/ping.ts';
import { probeTcp } from '../../remote/probe.ts';
import { probeUdp } from '../../remote/probe-udp.ts';
import { inspect } from '../../transaction/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';
import { scanTcp } from '../transaction/scan.ts';
import { BACKENDS, listen, shut, watchPorts } from './backends.ts';

const OPEN_SECONDS = 5;
const LISTENERS = [4002, 4003, 9100, 9998];

/** What every firewall has to do, measured from outside, on one host for each. */
describe.each(BACKENDS)('a host behind $backend', ({ backend, reloads, byHand, byHandBack }) => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  const families = () => [
    { address: vps.address, others: vps.otherClients },
    { address: vps.addressV6, others: vps.otherClientsV6 },
  ];
  const sections = (changes: Record<string, unknown> = {}) => ({
    knock: { openSeconds: OPEN_SECONDS },
    firewall: {
      backend,
      api: { from: vps.otherClients.slice(0, 1).concat(vps.otherClientsV6.slice(0, 1)) },
      rules: [{ port: 9100, protocol: 'udp', purpose: 'metrics' }],
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
    for (const { address, others } of families()) {
      expect(await scanTcp(address), address).toEqual(['4002']);
      expect(await scanTcp(address, others[0]), `${address} from ${others[0]}`).toEqual(['4002', '4003']);
      expect(await state(address, 4003, others[1])).toBe('silent');
      expect(await state(address, 9998)).toBe('silent');
      expect(await probeUdp({ address, port: 9100, timeoutMilliseconds: 500 })).not.toBe('silent');
      for (const port of [53, 111, 123, 1900, 5353])
        expect(await probeUdp({ address, port, timeoutMilliseconds: 150 }), `udp ${port}`).toBe('silent');
      expect(await ping(address)).toBe('silent');
    }
  });

  it('opens the door for who knocked, over that family alone; the kernel shuts it, also with the daemons dead', async () => {
    for (const { address, others } of families()) {
      const [knocker = '', bystander = ''] = others;
      await shut(vps);
      expect(await knockedOpen(vps, job, { address, sourceAddress: knocker })).toBe(true);
      expect(await front(vps, job, { address, sourceAddress: bystander })).toBe('silent');
      for (const other of families().filter((family) => family.address !== address))
        expect(await front(vps, job, { address: other.address, sourceAddress: other.others[0] })).toBe(
          'silent',
        );
      await inside(
        vps,
        'systemctl kill -s KILL knockd.service; systemctl kill -s KILL firewalld.service 2>/dev/null || :',
      );
      await sleep(OPEN_SECONDS * 1000 + 300);
      expect(await front(vps, job, { address, sourceAddress: knocker })).toBe('silent');
      await inside(
        vps,
        'systemctl reset-failed; systemctl start knockd.service; ! systemctl -q is-enabled firewalld.service 2>/dev/null || systemctl restart firewalld.service',
      );
      expect(await knockedOpen(vps, job, { address, sourceAddress: knocker })).toBe(true);
      expect(
        await knocked(vps, job, job.sequences.close ?? [], 'silent', { address, sourceAddress: knocker }),
      ).toBe(true);
    }
  });

  it('keeps IPv6 alive when every neighbour is forgotten, and talks to itself', async () => {
    await inside(vps, 'ip neigh flush all; ip -6 neigh flush all');
    for (const { address } of families()) expect(await state(address, 4002)).toBe('open');
    await inside(
      vps,
      "python3 -c \"import socket; [socket.create_connection((a, 9998), 2) for a in ('127.0.0.1', '::1')]\"",
    );
  });

  it.each(reloads)('stays shut, and opens after a knock, through: %s', async (command) => {
    await shut(vps);
    const watch = watchPorts(
      families().flatMap(({ address }) => [22, 9998].map((port) => ({ address, port }))),
    );
    await inside(vps, command);
    await sleep(300);
    expect(await watch.stop()).toEqual([]);
    expect(await state(vps.address, 4002)).toBe('open');
    for (const { address } of families()) expect(await knockedOpen(vps, job, { address })).toBe(true);
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('tells what was changed by hand', async () => {
    await inside(vps, byHand);
    expect((await inspect(job, sealed, () => {})).join('\n')).toMatch(/^\+(rules|file)/m);
    await inside(vps, byHandBack);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('stays shut through a power cut, from the first packet on, and has the same rules afterwards', async () => {
    await shut(vps);
    const boots = await bootCount(vps);
    const watch = watchPorts(
      families().flatMap(({ address }) => [22, 9998].map((port) => ({ address, port }))),
    );
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    expect(await watch.stop()).toEqual([]);
    for (const { address, others } of families()) {
      expect(await state(address, 4002)).toBe('open');
      expect(await state(address, 4003, others[1])).toBe('silent');
      expect(await knockedOpen(vps, job, { address })).toBe(true);
    }
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('goes back exactly, files and rules in force, when a change of it fails', async () => {
    await shut(vps);
    const before = await fingerprint(vps);
    const broken = await jobFor(
      vps,
      { ...sections({ p2p: null, icmpEcho: true }), knock: { interface: 'lo', openSeconds: OPEN_SECONDS } },
      sealed,
    );
    await expect(hardened(broken)).rejects.toThrow('has undone the change and is as it was');
    await shut(vps);
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    expect(await state(vps.address, 4002)).toBe('open');
    expect(await knockedOpen(vps, job)).toBe(true);
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
});
