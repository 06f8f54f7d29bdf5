import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { shut } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { type From, front, knocked, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered, type Sections } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';
import { CASES, killDaemons, reloads } from './cases.ts';

const OPEN_SECONDS = 5;

/** A wish whose daemon listens where no knock comes; with an address there, or its start would wait half a minute for one. */
async function deafened(vps: LabVps, sections: Sections): Promise<Sections> {
  await inside(vps, 'ip addr replace 192.0.2.1/32 dev lo');
  return { ...sections, verify: { attempts: 1 } };
}

/** Chains that iptables-restore makes when it puts back a table of which only a part was there: empty, and accepting. */
const EMPTY_CHAIN =
  /^[+-]nft ip6? filter (INPUT|FORWARD|OUTPUT)( 0 \t+type filter hook \w+ priority filter; policy accept;)?$/;

function differing(before: readonly string[], after: readonly string[]): string[] {
  return difference(before, after).filter((line) => !EMPTY_CHAIN.test(line));
}

/** What every knock engine has to do, whatever the firewall; each on a host of its own. */
describe.each(CASES)('$engine on $backend', ({ engine, backend }) => {
  let vps: LabVps;
  let job: Job;
  let sealed: Previous;
  const places = () => [
    { address: vps.address, others: vps.otherClients },
    // fwknop hears nothing over IPv6: spa.lab.test.ts sees its door shut there.
    ...(engine === 'fwknop' ? [] : [{ address: vps.addressV6, others: vps.otherClientsV6 }]),
  ];
  const sections = (knock: Record<string, unknown> = {}) => ({
    knock: { engine, openSeconds: OPEN_SECONDS, timeoutSeconds: 2, ...knock },
    firewall: { backend },
  });
  const change = async (knock: Record<string, unknown>) => {
    job = await jobFor(vps, sections(knock), sealed);
    sealed = remembered(job, await hardened(job));
  };
  const opensFor = (sequence: Sequence, from: From) => knocked(vps, job, sequence, 'open', from, 400);

  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, sections());
    sealed = remembered(job, await hardened(job));
  });

  it('opens for who knocked, over that family, for a while; then the kernel shuts it', async () => {
    for (const { address, others } of places()) {
      await shut(vps);
      expect(await knockedOpen(vps, job, { address, sourceAddress: others[0] })).toBe(true);
      const begin = performance.now();
      expect(await front(vps, job, { address, sourceAddress: others[1] })).toBe('silent');
      for (const other of places().filter((place) => place.address !== address))
        expect(await front(vps, job, { address: other.address, sourceAddress: other.others[0] })).toBe(
          'silent',
        );
      await sleep(OPEN_SECONDS * 1000 + 300 - (performance.now() - begin));
      expect(await front(vps, job, { address, sourceAddress: others[0] })).toBe('silent');
    }
  });

  it('shuts it when the closing sequence comes from who knocked', async () => {
    for (const { address, others } of places()) {
      const [knocker, other] = others.map((sourceAddress) => ({ address, sourceAddress }));
      await shut(vps);
      expect(await knockedOpen(vps, job, knocker)).toBe(true);
      await sendKnocks({ address, sequence: job.sequences.close ?? [], sourceAddress: other?.sourceAddress });
      expect(await front(vps, job, knocker)).toBe('open');
      expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', knocker)).toBe(true);
    }
  });

  it.skipIf(engine === 'fwknop')(
    'opens for nothing but the whole sequence in its order, from one address, in time',
    async () => {
      const { open } = job.sequences;
      const [first, second, third, fourth] = open;
      if (!first || !second || !third || !fourth) throw new Error('four knocks were expected');
      const wrong = { port: third.port === 30_000 ? 30_001 : 30_000, protocol: 'tcp' } as const;
      const other = ({ port, protocol }: Sequence[number]): Sequence[number] => ({
        port,
        protocol: protocol === 'tcp' ? 'udp' : 'tcp',
      });
      // Ends whatever was begun, or begins and ends.
      const nothing = [first, fourth];
      const sequences: Sequence[] = [
        [second, first, third, fourth],
        open.toReversed(),
        open.slice(1),
        open.slice(0, 3),
        [first, second, fourth, third],
        [first, third, second, third, fourth],
        [other(first), second, third, fourth],
        open.map(other),
      ];
      // knockd does not see ports that it does not know; the kernel bears with some.
      const strays = Array.from({ length: 201 }, (_, index) => ({ ...wrong, port: 40_000 + index }));
      if (engine === 'kernel') sequences.push([first, second, ...strays, third, fourth]);
      for (const { address, others } of places()) {
        const from = { address, sourceAddress: others[0] };
        for (const sequence of sequences) {
          // The kernel takes the first knock after a third for no new beginning, and the fourth for the end.
          await sendKnocks({ ...from, sequence: nothing });
          await shut(vps);
          expect(await opensFor(sequence, from)).toBe(false);
        }
        if (engine === 'kernel') {
          const disturbed = [first, wrong, first, second, wrong, first, third, third, wrong, fourth];
          expect(await opensFor(disturbed, from)).toBe(true);
          await shut(vps);
        }
        await sendKnocks({ ...from, sequence: [...nothing, first, second] });
        expect(await opensFor([third, fourth], { address, sourceAddress: others[1] })).toBe(false);
        await sleep(2200);
        expect(await opensFor([third, fourth], from)).toBe(false);
        expect(await knockedOpen(vps, job, from)).toBe(true);
      }
    },
  );

  it('hears knocks at an address that came later, and after it is gone', async () => {
    const later = [
      { address: vps.address.replace(/\.2$/, '.77'), prefix: 24 },
      { address: vps.addressV6.replace(/::2$/, '::77'), prefix: 64 },
    ];
    for (const verb of ['add', 'del']) {
      for (const { address, prefix } of later)
        await inside(vps, `ip addr ${verb} ${address}/${prefix} dev eth0`);
      // systemd starts knockd anew after two seconds.
      await sleep(4000);
      await shut(vps);
      const all = verb === 'add' ? later : places();
      const addresses = all.filter(({ address }) => engine !== 'fwknop' || !address.includes(':'));
      for (const { address } of addresses)
        expect(await knockedOpen(vps, job, { address }), address).toBe(true);
    }
  });

  it.each(reloads(backend))('knocks open after: %s', async (command) => {
    await inside(vps, command);
    await shut(vps);
    for (const { address } of places()) expect(await knockedOpen(vps, job, { address })).toBe(true);
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('opens with daemons dead that were killed: they come back, or none was needed', async () => {
    await shut(vps);
    await killDaemons(vps, engine);
    for (const { address } of places()) expect(await knockedOpen(vps, job, { address })).toBe(true);
  });

  it('knocks open after a power cut', async () => {
    const boots = await bootCount(vps);
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    for (const { address } of places()) expect(await knockedOpen(vps, job, { address })).toBe(true);
    await shut(vps);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('goes back exactly when new sequences fail', async () => {
    await shut(vps);
    // The kernel remembers for as long how far each knocker has come.
    await sleep(2200);
    const broken = await jobFor(vps, await deafened(vps, sections({ interface: 'lo' })), sealed);
    const before = await fingerprint(vps);
    await expect(hardened(broken)).rejects.toThrow('rolled the change back and is as it was');
    await shut(vps);
    expect(differing(before, await fingerprint(vps))).toEqual([]);
    expect(await knockedOpen(vps, job)).toBe(true);
  });

  it('holds a door open until the closing sequence, where that is wanted, and rotates its sequences', async () => {
    const old = job.sequences.open;
    await change({ door: 'held' });
    const from = { address: vps.address, sourceAddress: vps.otherClients[0] };
    await shut(vps);
    expect(await opensFor(old, from)).toBe(false);
    await sleep(2200);
    expect(await knockedOpen(vps, job, from)).toBe(true);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', from)).toBe(true);
  });

  const isTried = LONG || backend !== 'iptables';
  it.runIf(isTried)(
    'gives way to another engine and comes back, in one change each, and leaves nothing of itself',
    async () => {
      const others = { knockd: 'kernel', kernel: 'knockd', fwknop: 'knockd' } as const;
      await shut(vps);
      // The kernel remembers for as long how far each knocker has come.
      await sleep(2200);
      const deaf = sections({ engine: others[engine], interface: 'lo' });
      const failing = await jobFor(vps, await deafened(vps, deaf), sealed);
      const before = await fingerprint(vps);
      await expect(hardened(failing)).rejects.toThrow('rolled the change back and is as it was');
      await shut(vps);
      // The other engine's package stays installed.
      const left = differing(before, await fingerprint(vps));
      expect(left.filter((line) => !/knockd|fwknop|knock_helper|libpcap|^[+-](dir|pkg)/.test(line))).toEqual(
        [],
      );
      for (const next of [others[engine], engine]) {
        await change({ engine: next });
        await shut(vps);
        for (const { address } of places()) expect(await knockedOpen(vps, job, { address })).toBe(true);
        const units = await inside(vps, 'systemctl is-active knockd.service || :');
        expect(units.trim()).toBe(next === 'knockd' ? 'active' : 'inactive');
        const traces = await inside(
          vps,
          'cat /etc/postern/knock.*; iptables-save 2>/dev/null; ip6tables-save 2>/dev/null; nft list table inet postern 2>/dev/null || :',
        );
        expect(/POSTERN-(KNOCK|SEQ|OPEN)|chain knock/.test(traces)).toBe(next === 'kernel');
      }
    },
  );
});
