import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fillDisk, freeDisk, makeDiskReadOnly } from '../../lab/disk.ts';
import { execVps } from '../../lab/exec.ts';
import { runProgram } from '../../lab/program.ts';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { freshKeys } from '../../posture/knock/spa.ts';
import { awaitOpen } from '../../remote/door.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { packetsOf } from '../../remote/spa.ts';
import { localVantage } from '../../remote/vantage/local.ts';
import type { Vantage } from '../../remote/vantage.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import { knockDoorClosed, knockDoorOpen } from '../../transaction/verify/door.ts';
import { EvidenceLog } from '../../transaction/verify/evidence.ts';
import { expectReplayIgnored } from '../../transaction/verify/negative-checks.ts';
import { serializer } from '../../transaction/verify/view.ts';
import { shut } from '../firewall/backends.ts';
import { freshVps, withVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from '../transaction/door.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { hardened, inside, jobFor, remembered } from '../transaction/fixture.ts';
import { cutPowerNow } from '../transaction/interrupt.ts';
import { clientInstead } from './client.ts';

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

  it('runs in a sandbox', async () => {
    const rating = await inside(vps, 'systemd-analyze security --no-pager fwknop-server.service | tail -n 1');
    expect(Number(/level for fwknop-server\.service: ([\d.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(3);
  });

  it('is not replaced by a build that hears nothing behind a firewall: apt is told why, before anything is changed', async () => {
    const built = await inside(
      vps,
      `for depends in 'libpcap0.8, libc6' libc6; do
        folder=$(mktemp -d); mkdir $folder/DEBIAN
        printf 'Package: fwknop-server\\nVersion: 99\\nArchitecture: all\\nMaintainer: a test\\nDescription: none\\nDepends: %s\\n' "$depends" >$folder/DEBIAN/control
        dpkg-deb -b $folder $folder.deb >&2; echo $folder.deb
      done`,
    );
    const replaced = (deb: string) =>
      execVps(vps, [
        'sh',
        '-c',
        `printf 'VERSION 3\\nAPT::Architecture=amd64\\n\\nfwknop-server 2.6.10-13 amd64 no < 99 all no ${deb}\\n' | sh /usr/local/lib/postern/guard packages`,
      ]);
    const [hears = '', deaf = ''] = built.trim().split('\n');
    expect(await replaced(hears)).toMatchObject({ code: 0, stderr: '' });
    expect(await replaced(deaf)).toMatchObject({
      code: 10,
      stderr: expect.stringMatching(/version 99, which is built without libpcap.*knock\.engine/s),
    });
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

  it('is proven also where the first try was late and the second lost: what never arrived is no replay', async () => {
    await shut(vps);
    const local = localVantage();
    const tries: Parameters<Vantage['knock']>[] = [];
    const knock: Vantage['knock'] = async (...sent) => {
      tries.push(sent);
      const [first] = tries;
      if (tries.length > 2) await local.knock(...sent);
      else if (tries.length === 2 && first !== undefined) await local.knock(...first);
    };
    const vantage = { ...local, knock };
    const { posture, sequences } = job;
    const seen = { family: 4, address: vps.address, hears: true, vantage, posture, sequences } as const;
    const how = {
      roundTrip: undefined,
      silenceTimeout: 300,
      slowness: 1,
      recheckTimeout: 300,
      gap: 20,
      serialize: serializer(),
      source: '',
      foreignRules: [],
      closed: [],
    };
    const view = { ...seen, ...how };
    const log = new EvidenceLog(4);
    const { packets } = await knockDoorOpen(view, log);
    expect(packets).toHaveLength(2);
    await knockDoorClosed(view, log);
    await expectReplayIgnored(view, log, packets, () => knockDoorClosed(view, log));
    const checks = log.evidence.map(({ check }) => check);
    expect(checks.at(-1)).toBe('ssh port 22 after all 2 packets were sent again, 3 times');
    // The one that had been lost opened the door when it came, and was shut out.
    expect(checks.filter((check) => check.endsWith('after the closing sequence'))).toHaveLength(2);
  });

  it('takes no replay after its daemon was killed, nor after a power cut', async () => {
    await shut(vps);
    const captured = await packetsOf(job.sequences.open);
    expect(await opens(captured, 0)).toBe(true);
    await shut(vps);
    await inside(
      vps,
      'systemctl kill -s KILL fwknop-server.service; sleep 3; systemctl is-active fwknop-server',
    );
    expect(await opens(captured, 0)).toBe(false);
    const boots = await bootCount(vps);
    cutPowerNow(vps);
    await waitForBoot(vps, { afterBoot: boots });
    expect(await knockedOpen(vps, job, from(1))).toBe(true);
    expect(await opens(captured, 0)).toBe(false);
    expect(await knockedOpen(vps, job, from(0))).toBe(true);
  });

  it('opens on a disk that is full, and on one that is read-only, also after its daemon died, and takes no replay', async () => {
    await withVps(
      async (own) => {
        const hers = await jobFor(own, { knock: { engine: 'fwknop', openSeconds: 5 } });
        await hardened(hers);
        const taken = await packetsOf(hers.sequences.open);
        const replayed = (packets: Sequence) =>
          knocked(own, hers, packets, 'open', { address: own.address }, 700);
        for (const fails of [fillDisk, makeDiskReadOnly]) {
          await fails(own);
          const captured = await packetsOf(hers.sequences.open);
          expect(await replayed(captured), fails.name).toBe(true);
          await shut(own);
          expect(await replayed(captured), fails.name).toBe(false);
          await inside(own, 'systemctl kill -s KILL fwknop-server.service; sleep 4');
          expect(await replayed(captured), fails.name).toBe(false);
          expect(await knockedOpen(own, hers), fails.name).toBe(true);
          await shut(own);
          if (fails === fillDisk) await freeDisk(own);
        }
        expect(await replayed(taken)).toBe(true);
      },
      { disk: { mebibytes: 512 } },
    );
  });

  it('takes no packet that was taken before and is written in another way', async () => {
    await shut(vps);
    const [packet] = await packetsOf(job.sequences.open);
    const payload = packet?.payload ?? '';
    if (packet === undefined) throw new Error('a single packet was expected');
    expect(await opens([packet], 0)).toBe(true);
    // The signature's last letter stands for four bits that count and two that do not.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = letters[letters.indexOf(payload.at(-1) ?? '') ^ 1] ?? '';
    const wrapped = [payload, payload.replaceAll('+', '-').replaceAll('/', '_')].map(
      (path) => `GET /${path} HTTP/1.1\r\nUser-Agent: Fwknop/2.6.10\r\n\r\n`,
    );
    const altered = [
      // What every packet begins with before it is encoded, and the client leaves out.
      `U2FsdGVkX1${payload}`,
      `${payload.slice(0, -1)}${last}`,
      ...['=', '==', '\n', '\r\n', ' ', '\0', 'A'].map((end) => `${payload}${end}`),
      ` ${payload}`,
      ...wrapped,
    ];
    await shut(vps);
    for (const text of altered) {
      await sendKnocks({
        address: vps.address,
        sequence: [{ ...packet, payload: text }],
        sourceAddress: vps.otherClients[1],
      });
      await sleep(150);
    }
    await sleep(500);
    expect(await front(vps, job, from(1))).toBe('silent');
    expect(await knockedOpen(vps, job, from(1))).toBe(true);
  });

  it('takes a packet that was caught on its way only while it is fresh, and none from a clock that is off', async () => {
    // A lab host has this machine's clock, so it is the client that is told another time.
    const folder = await mkdtemp(join(tmpdir(), 'postern-clock-'));
    try {
      for (const [offset, taken] of [
        ['minus 118', true],
        ['plus 118', true],
        ['minus 125', false],
        ['plus 125', false],
      ] as const) {
        const script = `exec /usr/bin/fwknop "$@" --time-offset-${offset}s`;
        vi.stubEnv('PATH', await clientInstead(folder, script));
        await shut(vps);
        expect(await opens(job.sequences.open, 0), offset).toBe(taken);
      }
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
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

  it('opens for fwknop’s own client with the lines of docs/knocking.md', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/knocking.md'), 'utf8');
    const rc = /```\n(\[node-1\]\n[^`]*)```/.exec(text)?.[1] ?? '';
    const line = /^fwknop --rc-file .*$/m.exec(text)?.[0] ?? '';
    const [packet] = job.sequences.open;
    const given = rc
      .replace('203.0.113.7', vps.address)
      .replace('<open[0].port>', String(packet?.port))
      .replace('<open[0].spa.key>', packet?.spa?.key ?? '')
      .replace('<open[0].spa.hmacKey>', packet?.spa?.hmacKey ?? '');
    const folder = await mkdtemp(join(tmpdir(), 'postern-by-hand-'));
    await writeFile(join(folder, 'node-1.fwknoprc'), given, { mode: 0o600 });
    await shut(vps);
    const ended = await runProgram(['sh', '-c', `cd "$1" && HOME=$1 ${line}`, 'sh', folder]);
    await rm(folder, { recursive: true });
    expect(ended).toMatchObject({ code: 0 });
    expect(await awaitOpen({ vantage: localVantage(), address: vps.address, port: 22 })).toBe('open');
  });

  it('is not begun on a host whose clock is wrong: that is seen before anything is changed', async () => {
    await withVps(async (other) => {
      // A lab host has this machine's clock, so its `date` tells another one.
      await inside(
        other,
        "printf '#!/bin/sh\\necho $(($(/bin/date +%%s) - 90))\\n' >/usr/local/bin/date; chmod 755 /usr/local/bin/date",
      );
      const before = await fingerprint(other);
      const wish = await jobFor(other, { knock: { engine: 'fwknop' } });
      await expect(hardened(wish)).rejects.toThrow(
        /not fit for this change:\n {2}- the clock of the host is (89|90|91) s behind this machine's, and fwknop .* 120 s/,
      );
      expect(difference(before, await fingerprint(other))).toEqual([]);
    });
  });

  it('is gone with the change that brought it, and does not come back by itself', async () => {
    await withVps(async (other) => {
      await inside(other, 'ip addr add 192.0.2.1/32 dev lo');
      const deaf = { knock: { engine: 'fwknop', interface: 'lo' }, verify: { attempts: 1 } };
      await expect(hardened(await jobFor(other, deaf))).rejects.toThrow('rolled the change back');
      const boots = await bootCount(other);
      cutPowerNow(other);
      await waitForBoot(other, { afterBoot: boots });
      const state = 'systemctl is-enabled fwknop-server; systemctl is-active fwknop-server';
      expect(await inside(other, `${state} || :`)).toBe('disabled\ninactive\n');
      expect(await inside(other, 'dpkg --verify fwknop-server')).toBe('');
    });
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
});
