import { describe, expect, it } from 'vitest';
import { execVps } from '../../../lab/exec.ts';
import { powerCut } from '../../../lab/power.ts';
import type { LabVps } from '../../../lab/vps.ts';
import { awaitFirstBoot } from '../../../provider/first-boot/first-boot.ts';
import { clientIdentity, withVps } from '../../lab/fixture.ts';

const PATIENCE = { login: 60, cloudInit: 20, interval: 0.2 };

/** Puts a cloud-init on the host that ends as told. */
async function install(vps: LabVps, cloudInit: string): Promise<void> {
  const command = 'cat >/usr/local/bin/cloud-init && chmod 755 /usr/local/bin/cloud-init';
  const { code } = await execVps(vps, ['sh', '-c', command], { stdin: `#!/bin/sh\n${cloudInit}\n` });
  expect(code).toBe(0);
}

interface Waited {
  readonly reports: string[];
  readonly warnings: string[];
}

async function waitFor(vps: LabVps, patience = PATIENCE): Promise<Waited> {
  const { address, port, user, hostKeys } = vps;
  const { file } = await clientIdentity();
  const waited: Waited = { reports: [], warnings: [] };
  await awaitFirstBoot(
    { way: { address, port, user, hostKeys: [...hostKeys] }, identity: { file } },
    {
      report: (text) => waited.reports.push(text),
      warn: (text) => waited.warnings.push(text),
      signal: new AbortController().signal,
    },
    patience,
  );
  return waited;
}

describe('the first boot of a VPS', () => {
  it('is over at once on a host without cloud-init', async () => {
    await withVps(async (vps) => {
      const { reports, warnings } = await waitFor(vps);
      expect(reports.at(-1)).toBe('in; waiting for cloud-init to end');
      expect(warnings).toEqual([]);
    });
  });

  it('is waited for while the host does not let in yet', async () => {
    await withVps(async (vps) => {
      await execVps(vps, ['systemctl', 'stop', 'ssh.service', 'ssh.socket']);
      const waiting = waitFor(vps);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await powerCut(vps);
      const { reports } = await waiting;
      expect(reports.filter((text) => text.includes('so far')).length).toBeGreaterThan(0);
      expect(reports.at(-1)).toBe('in; waiting for cloud-init to end');
    });
  });

  it('is over when cloud-init is done, not earlier', async () => {
    await withVps(async (vps) => {
      await install(vps, 'case $* in *--wait*) sleep 2; touch /tmp/waited ;; esac; echo "status: done"');
      await waitFor(vps);
      const { code } = await execVps(vps, ['test', '-e', '/tmp/waited']);
      expect(code).toBe(0);
    });
  });

  it('is over, with a warning, when cloud-init failed at something', async () => {
    await withVps(async (vps) => {
      await install(vps, 'echo "status: error"; echo "detail: agent not installed"; exit 1');
      const { warnings } = await waitFor(vps);
      expect(warnings).toEqual([expect.stringMatching(/reports an error; going on.*agent not installed/)]);
    });
  });

  it('is an error when cloud-init does not come to an end', async () => {
    await withVps(async (vps) => {
      await install(vps, 'sleep 60');
      await expect(waitFor(vps, { ...PATIENCE, cloudInit: 1 })).rejects.toThrow(
        /cloud-init on \S+ is still running after 1 s/,
      );
    });
  });
});
