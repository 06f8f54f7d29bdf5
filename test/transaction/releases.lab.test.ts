import { describe, expect, it } from 'vitest';
import { RELEASES } from '../../lab/base.ts';
import { login } from '../../remote/ssh/login.ts';
import { frontDoor } from '../../transaction/enter.ts';
import { inspect } from '../../transaction/inspect.ts';
import { withVps } from '../lab/fixture.ts';
import { front, knocked, knockedOpen } from './door.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

/** OpenSSH of each release, as its banner names it; only a part of it before Debian's own banner can be turned off. */
const VERSIONS = { bullseye: /^OpenSSH_8\.4p1/, bookworm: /^OpenSSH_9\.2p1/, trixie: /^OpenSSH_10\.0p\d+$/ };

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
        expect(again.hostKeys.filter((key) => sealed.hostKeys.includes(key))).toEqual([]);

        await inside(vps, 'for list in /proc/net/xt_recent/postern*; do echo / >$list; done');
        expect(await front(vps, job)).toBe('silent');
        expect(await knocked(vps, job, first.sequences.open, 'open')).toBe(false);
        // knockd of Debian 11 hears nothing over IPv6.
        const overV6 = { address: vps.addressV6 };
        expect(await knockedOpen(vps, job, overV6)).toBe(release !== 'bullseye');
        expect(await knockedOpen(vps, job)).toBe(true);
        const { way } = frontDoor(job, job, again.hostKeys);
        const { server, offered } = await login(way, { argv: ['true'], timeoutSeconds: 20 });
        expect(server).toMatch(VERSIONS[release]);
        expect(offered).toEqual(['publickey']);
      },
      { release },
    );
  });
});
