import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { expectRestored, withSealed } from './restore.ts';

/** What came with the guard, the sealed copy and the sandbox, and no Postern before them knew of. */
const LATER =
  'postern-guard\\|postern-closed\\|/lib/postern/guard\\|/lib/postern/closed\\|/postern/closed\\|60postern\\|firewalld.service.d\\|ufw.service.d\\|postern-sandbox';

/** Makes a sealed host one that a Postern from before the guard has sealed, and whose units read otherwise than today. */
async function asFromBefore(vps: LabVps): Promise<void> {
  await inside(
    vps,
    `systemctl stop postern-guard.timer postern-guard.service; systemctl -q disable postern-guard.timer postern-guard.service postern-closed.service
    rm -rf /etc/systemd/system/postern-guard.* /etc/systemd/system/postern-closed.service /etc/systemd/system/ufw.service.d \
      /etc/systemd/system/knockd.service.d/postern-sandbox.conf /var/lib/postern/sealed/private-home \
      /usr/local/lib/postern/guard /usr/local/lib/postern/closed /var/lib/postern/closed /etc/apt/apt.conf.d/60postern
    for unit in undo.service undo.timer undo-boot.service; do echo '# of an earlier Postern' >>/etc/systemd/system/postern-$unit; done
    sed -i '/^operation=/d' /var/lib/postern/record
    sed -i '/${LATER}/d' /var/lib/postern/origin/touch /var/lib/postern/origin/written /var/lib/postern/origin/snapshot/absent \
      /var/lib/postern/origin/snapshot/units /var/lib/postern/sealed/touch /var/lib/postern/sealed/manifest
    chmod 755 /home/ops; chmod 700 /usr/local/lib/postern /etc/systemd/system/*.service.d
    systemctl daemon-reload`,
  );
}

describe('a host that an earlier Postern sealed', () => {
  it('is taken over by a change, and given back as it was at first', async () => {
    await withSealed(async (vps, _job, sealed, before) => {
      await asFromBefore(vps);
      const next = await jobFor(vps, { ssh: { port: 2200 } }, sealed);
      const again = remembered(next, await hardened(next));
      const folders = 'stat -c "%a %n" /home/ops /usr/local/lib/postern /etc/systemd/system/*.service.d';
      expect(await inside(vps, folders)).toMatch(/^700 \/home\/ops\n(755 .*\n){4}$/);
      await inside(vps, 'ls /etc/systemd/system/knockd.service.d/postern-sandbox.conf');
      await restoreHost({ ...next, previous: again }, again, () => {});
      await expectRestored(vps, before);
    });
  });

  it('is given back without a change in between', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      await asFromBefore(vps);
      await restoreHost({ ...job, previous: sealed }, sealed, () => {});
      await expectRestored(vps, before);
    });
  });
});
