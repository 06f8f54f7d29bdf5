import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { sendKnocks } from '../../remote/knock.ts';
import { probeTcp } from '../../remote/probe.ts';
import { withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor } from '../transaction/fixture.ts';
import { logPackets, markLog, packetsSince, unlogPackets } from './kernel-log.ts';

/** Where something of a sequence could be left: what grep says as this user, of words that only it is told. */
async function holding(vps: LabVps, user: string, words: readonly string[]): Promise<string[]> {
  const places = '/etc /run /var/lib /var/log /home /tmp /proc/[0-9]*/cmdline';
  const grep = `id -un; grep -rlwsaFf - --exclude-dir=apt --exclude-dir=dpkg --exclude-dir=journal --exclude=services ${places}`;
  const argv = [
    'setpriv',
    '--reuid',
    user,
    '--regid',
    user === 'root' ? 'root' : 'nogroup',
    '--clear-groups',
  ];
  const { stdout } = await execVps(vps, [...argv, 'sh', '-c', grep], { stdin: `${words.join('\n')}\n` });
  // Not by its exit status: there is much that nobody may read.
  const [who, ...found] = stdout.trimEnd().split('\n');
  expect(who).toBe(user);
  return found;
}

beforeAll(logPackets);
afterAll(unlogPackets);

// As docs/secrets.md says.
describe.each([
  { engine: 'knockd', release: 'bullseye' },
  { engine: 'knockd', release: 'bookworm' },
  { engine: 'kernel', release: 'bookworm' },
  { engine: 'fwknop', release: 'bullseye' },
  { engine: 'fwknop', release: 'bookworm' },
] as const)('what opens the door of $engine on $release', ({ engine, release }) => {
  it('is told to nobody but root, and to no log; fwknop’s port alone is in its log', async () => {
    await withVps(
      async (vps) => {
        const job = await jobFor(vps, { knock: { engine } });
        await hardened(job);
        // What it logs anyway, without its limit.
        await inside(vps, 'ufw logging full');
        const mark = markLog(`${engine} ${release}`);
        const { open, close } = job.sequences;
        expect(await knockedOpen(vps, job)).toBe(true);
        for (const sequence of [close ?? [], open.slice(1), open.slice(0, 1)])
          await sendKnocks({ address: vps.address, sequence });
        await front(vps, job);
        await probeTcp({ address: vps.address, port: 9998, timeoutMilliseconds: 200 });
        const knocks = [...open, ...(close ?? [])];
        const ports = [...new Set(knocks.map(({ port }) => String(port)))];
        const keys = knocks.flatMap(({ spa }) => (spa === undefined ? [] : [spa.key, spa.hmacKey]));
        const logged = await inside(vps, 'journalctl -q --sync; journalctl -q -o cat --no-pager');
        const told = (words: string[]) =>
          words.filter((word) => new RegExp(`(^|\\D)${word}(\\D|$)`).test(logged));
        expect(await holding(vps, 'nobody', [...ports, ...keys])).toEqual([]);
        expect(keys.filter((key) => logged.includes(key))).toEqual([]);
        const found = (await holding(vps, 'root', ports)).sort();
        const rules = ['/etc/postern', '/var/lib/postern/closed'].flatMap((folder) => [
          `${folder}/knock.v4`,
          `${folder}/knock.v6`,
        ]);
        const packets = (await packetsSince(vps, mark)).join('\n');
        expect(ports.filter((port) => packets.includes(` DPT=${port} `))).toEqual([]);
        expect(packets).toMatch(/\[UFW BLOCK\].* DPT=9998 /);
        switch (engine) {
          case 'knockd':
            expect(told(ports)).toEqual([]);
            expect(found).toEqual(['/etc/knockd.conf', ...rules].sort());
            break;
          case 'kernel':
            expect(told(ports)).toEqual([]);
            expect(found).toEqual(rules);
            break;
          case 'fwknop':
            expect(told(ports)).toEqual(ports);
            expect(found).toEqual(
              [
                ...rules,
                '/etc/fwknop/fwknopd.conf',
                '/run/postern-fwknop/digest.cache',
                '/var/lib/postern/fwknop/digest.cache',
                ...(release === 'bullseye' ? ['/var/log/daemon.log'] : []),
                '/var/log/syslog',
              ].sort(),
            );
            expect(await holding(vps, 'root', keys)).toEqual(['/etc/fwknop/access.conf']);
        }
      },
      { release },
    );
  });
});
