import { expect, it } from 'vitest';
import { inspect } from '../../transaction/drift/inspect.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { withVps } from '../lab/fixture.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { insideNow, installPackages, interrupted } from './interrupt.ts';

/**
 * A systemd that leaves every other question and every other order unheard, as while it executes itself anew; what it does
 * beside systemd, on the disk alone, is always done.
 */
const UNHEARD = `cat >/usr/local/sbin/systemctl <<'END' && chmod 755 /usr/local/sbin/systemctl
#!/bin/sh
case $* in
  *--root=*) ;;
  *) if mkdir /run/asked 2>/dev/null; then echo 'Failed to ask: Connection reset by peer' >&2; exit 1; else rmdir /run/asked; fi ;;
esac
exec /usr/bin/systemctl "$@"
END`;

it('asks systemd again that does not answer, so a host is sealed, looked at and given back as it is', async () => {
  await withVps(async (vps) => {
    await installPackages(vps);
    await inside(vps, UNHEARD);
    const before = await fingerprint(vps);
    const job = await jobFor(vps);
    const sealed = remembered(job, await hardened(job));
    expect(await inside(vps, "grep '^unit ' /var/lib/postern/sealed/manifest")).not.toMatch(/ -$/m);
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    await restoreHost(job, sealed, () => {});
    const units = difference(before, await fingerprint(vps)).filter((line) => /^.unit /.test(line));
    expect(units).toEqual([]);
  });
});

it('seals a host with its units as they stay, whatever is started anew at that moment', async () => {
  await withVps(async (vps) => {
    await installPackages(vps);
    const slow = '/etc/systemd/system/ssh.service.d';
    await inside(
      vps,
      `mkdir -p ${slow}; printf '[Service]\\nRestartSec=3\\n' >${slow}/zz-slow.conf; systemctl daemon-reload`,
    );
    const job = await jobFor(vps);
    const kill = () => insideNow(vps, 'systemctl kill -s KILL --kill-who=main ssh.service');
    const { sealed } = await interrupted(job, 'committed', kill);
    if (sealed === undefined) throw new Error('the host is not sealed');
    expect(await inside(vps, "grep '^unit ssh.service' /var/lib/postern/sealed/manifest")).toBe(
      'unit ssh.service enabled active\n',
    );
    expect(await inspect(job, remembered(job, sealed), () => {})).toEqual([]);
  });
});
