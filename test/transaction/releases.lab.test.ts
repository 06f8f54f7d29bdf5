import { describe, expect, it } from 'vitest';
import { RELEASES } from '../../lab/base.ts';
import type { LabVps } from '../../lab/vps.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { withVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from './door.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

/** OpenSSH of each release, as its banner names it; only a part of it before Debian's own banner can be turned off. */
const VERSIONS = { bullseye: /^OpenSSH_8\.4p1/, bookworm: /^OpenSSH_9\.2p1/, trixie: /^OpenSSH_10\.0p\d+$/ };

/** What a security scan and systemd say of what Postern put on a host. */
async function expectTidy(vps: LabVps): Promise<void> {
  const rating = await inside(vps, 'systemd-analyze security --no-pager knockd.service | tail -n 1');
  expect(Number(/level for knockd\.service: ([\d.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(3);
  const stale = "systemctl show -p Id,NeedDaemonReload '*' | grep -B1 NeedDaemonReload=yes || :";
  expect(await inside(vps, stale)).toBe('');
  // Without the watcher of the addresses there would be nobody to leave one.
  expect(await inside(vps, 'sleep 3; ps -eo stat,args')).toMatch(/ip -o monitor address/);
  // Every process is one until its parent asks how it ended; these are not asked about.
  const zombies = "ps -eo pid,stat,ppid,comm | awk '$2 ~ /^Z/'";
  const left = `first=$(${zombies}); sleep 2; ${zombies} | grep -Fx "\${first:-none}" || :`;
  expect(await inside(vps, left)).toBe('');
  const folders = 'stat -c "%a %n" /home/ops /usr/local/lib/postern /etc/systemd/system/*.service.d';
  expect(await inside(vps, folders)).toMatch(/^700 \/home\/ops\n(755 .*\n){3,}$/);
  expect(await inside(vps, 'journalctl -q -o cat -t postern-door')).not.toMatch(/outside the sandbox/);
}

describe.each(RELEASES)('the whole job on %s', (release) => {
  it('seals the host, changes it, and gives it its door', async () => {
    await withVps(
      async (vps) => {
        const first = await jobFor(vps);
        const sealed = remembered(first, await hardened(first));
        expect(sealed.verifiedV6).toBe(true);
        expect(await inspect(first, sealed, () => {})).toEqual([]);
        const job = await jobFor(vps, { ssh: { port: 2200, hostKeyGeneration: 1 } }, sealed);
        const again = remembered(job, await hardened(job));
        expect(await inspect(job, again, () => {})).toEqual([]);
        await expectTidy(vps);
        expect(again.hostKeys.filter((key) => sealed.hostKeys.includes(key))).toEqual([]);

        await inside(vps, 'for list in /proc/net/xt_recent/postern*; do echo / >$list; done');
        expect(await front(vps, job)).toBe('silent');
        expect(await knocked(vps, job, first.sequences.open, 'open')).toBe(false);
        // knockd of Debian 11 hears nothing over IPv6.
        const overV6 = { address: vps.addressV6 };
        expect(await knockedOpen(vps, job, overV6)).toBe(release !== 'bullseye');
        expect(await knockedOpen(vps, job)).toBe(true);
        const { target } = frontDoorRoute(job, job, again.hostKeys);
        const { server, offered } = await logInOnce(target, { argv: ['true'], timeoutSeconds: 20 });
        expect(server).toMatch(VERSIONS[release]);
        expect(offered).toEqual(['publickey']);
      },
      { release },
    );
  });
});
