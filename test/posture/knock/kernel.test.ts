import { describe, expect, it } from 'vitest';
import { eventOf } from '../../../cli/log/event.ts';
import { backendOf } from '../../../posture/firewall/backends.ts';
import { CLOSED_RULES, closedFiles } from '../../../posture/firewall/closed.ts';
import { payloadFiles, plainFileList, reviewFiles, touchedPaths } from '../../../posture/host-files.ts';
import { allEngines, engineOf } from '../../../posture/knock/engines.ts';
import { doorsOf, stageWords } from '../../../posture/knock/kernel/door.ts';
import { golden, postureWith, SEQUENCES, tcp } from '../fixture.ts';

const posture = (backend: string, knock: Record<string, unknown> = {}) =>
  postureWith({ ssh: { port: 2022 }, firewall: { backend }, knock: { engine: 'kernel', ...knock } });
const ports = [...SEQUENCES.open, ...(SEQUENCES.close ?? [])].map(({ port }) => String(port));
const long = tcp(...Array.from({ length: 32 }, (_, index) => 30_000 - index * 7));

describe.each(['ufw', 'iptables', 'nftables', 'firewalld'])('the kernel engine on %s', (backend) => {
  it('is rendered as expected', async () => {
    for (const [path, content] of Object.entries(engineOf('kernel').files(posture(backend), SEQUENCES)))
      await expect(content).toMatchFileSnapshot(golden(path.slice(path.lastIndexOf('/') + 1)));
  });

  it('has the sequences in files of its own that no reviewer sees', () => {
    const own = Object.keys(engineOf('kernel').files(posture(backend), SEQUENCES));
    const holding = Object.entries(payloadFiles(posture(backend), SEQUENCES))
      .filter(([, content]) => ports.some((port) => content.includes(port)))
      .map(([name]) => name);
    // And once more in the sealed copy.
    const copies = own.map((path) => path.replace('/etc/postern/', '/var/lib/postern/closed/'));
    expect(holding).toEqual([...own, ...copies].map((path) => `plain${path}`));
    const shown = Object.values(reviewFiles(posture(backend))).join('\n');
    for (const port of ports) expect(shown).not.toContain(port);
  });

  it('takes away what another engine or firewall had, and touches nothing that is not saved before', () => {
    const lines = plainFileList(posture(backend), SEQUENCES).trim().split('\n');
    const removed = lines.filter((line) => line.startsWith('remove ')).map((line) => line.split(' ')[1]);
    const knocks = engineOf('kernel').files(posture(backend), SEQUENCES);
    const copies = closedFiles(posture(backend), backendOf(posture(backend).firewall.backend), knocks);
    const wanted = Object.keys({ ...knocks, ...copies });
    const own = allEngines().flatMap(({ paths }) => paths.filter((path) => path.startsWith('/etc/postern/')));
    const all = [...new Set([...own, ...CLOSED_RULES])];
    expect([...removed, ...wanted].sort()).toEqual([...all].sort());
    expect(touchedPaths('/home/ops', posture(backend))).toEqual(expect.arrayContaining(all));
  });

  it('counts knocks on the configured interface alone', () => {
    const text = Object.values(
      engineOf('kernel').files(posture(backend, { interface: 'eth7' }), SEQUENCES),
    ).join('\n');
    expect(text).toContain('eth7');
  });
});

describe('the firewall’s own files', () => {
  const text = (backend: string, engine: string) =>
    Object.values(backendOf(posture(backend).firewall.backend).files(posture(backend, { engine }))).join(
      '\n',
    );

  it.each(['nftables', 'firewalld'])('of %s bring the engine’s along, whichever it is', (backend) => {
    for (const engine of ['kernel', 'knockd', 'fwknop'])
      expect(text(backend, engine)).toMatch(/\n\tinclude "\/etc\/postern\/knock\.nft"\n}\n$/);
  });

  it.each(['ufw', 'iptables'])('of %s ask the kernel engine before the door, and only it', (backend) => {
    expect(text(backend, 'kernel')).toMatch(
      /-j POSTERN-KNOCK\n-A \S+ -j POSTERN-NOLOG\n-A \S+ -p tcp -m tcp --dport 2022 .*postern4/,
    );
    expect(text(backend, 'knockd')).not.toContain('POSTERN-KNOCK');
    expect(text(backend, 'knockd')).toMatch(/-j POSTERN-NOLOG\n-A \S+ -p tcp -m tcp --dport 2022 .*postern4/);
  });

  it('of firewalld let the ssh port in where the kernel opens it, and drop before who is not in its set', () => {
    expect(text('firewalld', 'kernel')).toContain('<port port="2022" protocol="tcp"/>');
    expect(text('firewalld', 'knockd')).not.toContain('<port port="2022" protocol="tcp"/>');
    for (const engine of ['kernel', 'knockd'])
      expect(text('firewalld', engine)).toMatch(/ip saddr != @door4 tcp dport 2022 ct state new .*drop/);
  });

  it('of ufw hold a held door in the kernel’s list, whatever opens it', () => {
    const held = (engine: string) =>
      Object.values(backendOf('ufw').files(posture('ufw', { engine, door: 'held' }))).join('\n');
    expect(held('kernel')).toMatch(/--rcheck --name postern4 --rsource -j ACCEPT/);
    expect(held('knockd')).toMatch(/--rcheck --name postern4 --rsource -j ACCEPT/);
  });
});

describe('what the kernel engine logs', () => {
  const words = (close: typeof long | null, door: string) => {
    const given = postureWith({ knock: { engine: 'kernel', door, openSeconds: 3600 } });
    return doorsOf(given, { open: long, close }).flatMap((one) =>
      one.sequence.map((_, index) => stageWords(one, index + 1)),
    );
  };

  it.each(['timed', 'held'])(
    'is short enough for iptables, with a space behind it, for a %s door',
    (door) => {
      for (const text of words(long, door)) expect(text.length).toBeLessThanOrEqual(28);
    },
  );

  it.each(['timed', 'held'])('is read by `postern log`, for a %s door', (door) => {
    const events = words(long, door).map((text) =>
      eventOf(
        {
          __REALTIME_TIMESTAMP: '1763729093123456',
          __CURSOR: 's=1',
          MESSAGE: `${text} IN=host0 OUT= MAC=00:11 SRC=192.0.2.7 DST=192.0.2.1 LEN=60 PROTO=TCP DPT=0`,
        },
        { open: 32, close: 32 },
      ),
    );
    const stages = (of: string) =>
      Array.from({ length: 31 }, (_, index) =>
        expect.objectContaining({ event: 'stage', stage: index + 1, of: 32, from: '192.0.2.7', door: of }),
      );
    const opened = { event: 'opened', from: '192.0.2.7', seconds: door === 'timed' ? 3600 : null };
    expect(events).toEqual([
      ...stages('open').map((stage) => expect.objectContaining({ ...stage.sample, door: null })),
      expect.objectContaining(opened),
      ...stages('close'),
      expect.objectContaining({ event: 'closed', from: '192.0.2.7' }),
    ]);
  });
});
