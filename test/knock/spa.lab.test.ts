import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { packetsOf } from '../../remote/spa.ts';
import { inspect } from '../../transaction/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import { shut } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';

/** What only single packets do; what every engine does is in contract.lab.test.ts. */
describe('fwknop', () => {
  let vps: LabVps;
  let job: Job;
  let first: Sealed;
  let sealed: Previous;
  const from = (index: number) => ({ address: vps.address, sourceAddress: vps.otherClients[index] });
  const opens = (sequence: Sequence, index: number) => knocked(vps, job, sequence, 'open', from(index), 700);

  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { engine: 'fwknop', openSeconds: 5 } });
    first = await hardened(job);
    sealed = remembered(job, first);
  });

  it('is proven over IPv4, wrong keys and a replay included; over IPv6 the port is seen shut', () => {
    const seen = first.evidence.map(({ family, check }) => `${family} ${check}`);
    for (const when of [
      '4 ssh port 22 after a packet made with wrong keys',
      '4 ssh port 22 after the right sequence',
      '4 ssh port 22 after the packet that opened it was sent again',
      '6 ssh port 22 after a packet made with wrong keys',
    ])
      expect(
        seen.some((line) => line.replace('ipv', '').startsWith(when)),
        when,
      ).toBe(true);
    expect(seen.some((line) => /6 .*after the right/.test(line))).toBe(false);
  });

  it('opens for who sends the packet, and for nobody who sends it again, from there or elsewhere', async () => {
    await shut(vps);
    const captured = await packetsOf(job.sequences.open);
    expect(await opens(captured, 0)).toBe(true);
    expect(await front(vps, job, from(1))).toBe('silent');
    expect(await opens(captured, 1)).toBe(false);
    await shut(vps);
    expect(await opens(captured, 0)).toBe(false);
    expect(await opens(job.sequences.open, 1)).toBe(true);
  });

  it('takes no replay after its daemon was killed or the host restarted the unit', async () => {
    await shut(vps);
    const captured = await packetsOf(job.sequences.open);
    expect(await opens(captured, 0)).toBe(true);
    await shut(vps);
    await inside(
      vps,
      'systemctl kill -s KILL fwknop-server.service; sleep 3; systemctl is-active fwknop-server',
    );
    expect(await opens(captured, 0)).toBe(false);
    expect(await knockedOpen(vps, job, from(0))).toBe(true);
  });

  it('takes a packet that was caught on its way only while it is fresh', async () => {
    await shut(vps);
    const late = await packetsOf(job.sequences.open);
    // The host's clock, as a lab host has no other than this machine's.
    const aged = await inside(vps, 'grep MAX_SPA_PACKET_AGE /etc/fwknop/fwknopd.conf');
    expect(aged).toMatch(/ 120$/m);
    await inside(
      vps,
      "sed -i 's/^\\(MAX_SPA_PACKET_AGE *\\).*/\\11/' /etc/fwknop/fwknopd.conf; systemctl restart fwknop-server",
    );
    await sleep(2500);
    expect(await opens(late, 0)).toBe(false);
    expect(await knockedOpen(vps, job, from(0))).toBe(true);
    await inside(
      vps,
      "sed -i 's/^\\(MAX_SPA_PACKET_AGE *\\).*/\\1120/' /etc/fwknop/fwknopd.conf; systemctl restart fwknop-server",
    );
    await shut(vps);
  });

  it('takes no packet of other keys, nor half right ones, nor noise', async () => {
    await shut(vps);
    const [packet] = job.sequences.open;
    if (packet?.spa === undefined) throw new Error('a single packet was expected');
    const other = freshKeys((below) => randomInt(below));
    const [right] = await packetsOf([packet]);
    const wrong: Sequence[] = [
      [{ ...packet, spa: other }],
      [{ ...packet, spa: { ...packet.spa, key: other.key } }],
      [{ ...packet, spa: { ...packet.spa, hmacKey: other.hmacKey } }],
      [{ port: packet.port, protocol: 'udp' }],
      [{ port: packet.port, protocol: 'udp', payload: 'A'.repeat(205) }],
      [{ port: packet.port, protocol: 'udp', payload: `B${right?.payload?.slice(1) ?? ''}` }],
      [{ port: packet.port === 30_000 ? 30_001 : 30_000, protocol: 'udp', spa: packet.spa }],
    ];
    for (const sequence of wrong) expect(await opens(sequence, 0)).toBe(false);
    expect(await opens([packet], 0)).toBe(true);
    expect(await knocked(vps, job, job.sequences.close ?? [], 'silent', from(0))).toBe(true);
  });

  it('keeps its keys to root, and names them nowhere else', async () => {
    const keys = [...job.sequences.open, ...(job.sequences.close ?? [])].flatMap(({ spa }) =>
      spa === undefined ? [] : [spa.key, spa.hmacKey],
    );
    const modes = await inside(vps, 'stat -c "%a %U" /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf');
    expect(modes).toBe('600 root\n600 root\n');
    const told = await inside(
      vps,
      'journalctl -q -o cat --no-pager; cat /proc/[0-9]*/cmdline | tr "\\0" " "',
    );
    for (const key of keys) expect(told.includes(key)).toBe(false);
  });

  it('adds no rule of its own to the firewall, and is no drift', async () => {
    await shut(vps);
    expect(await inside(vps, 'iptables-save; ip6tables-save')).not.toContain('FWKNOP');
    expect(await inspect(job, sealed, () => {})).toEqual([]);
  });

  it('takes only the new keys once they are proven', async () => {
    const old = job.sequences.open;
    job = await jobFor(vps, { knock: { engine: 'fwknop', openSeconds: 5 } }, sealed);
    sealed = remembered(job, await hardened(job));
    await shut(vps);
    expect(await opens(old, 0)).toBe(false);
    expect(await knockedOpen(vps, job, from(0))).toBe(true);
  });

  it('gives way to knockd and comes back', async () => {
    for (const engine of ['knockd', 'fwknop', 'kernel', 'fwknop'] as const) {
      job = await jobFor(vps, { knock: { engine, openSeconds: 5 } }, sealed);
      sealed = remembered(job, await hardened(job));
      await shut(vps);
      expect(await knockedOpen(vps, job, from(0)), engine).toBe(true);
      const active = await inside(vps, 'systemctl is-active fwknop-server.service || :');
      expect(active.trim()).toBe(engine === 'fwknop' ? 'active' : 'inactive');
    }
  });
});
