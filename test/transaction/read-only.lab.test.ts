import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDiskReadOnly } from '../../lab/disk.ts';
import { execVps } from '../../lab/exec.ts';
import { bootCount, waitForBoot, waitForSsh } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { shut } from '../firewall/backends.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { cutPowerNow, installPackages, interrupted, type Moment, reaches, recorded } from './interrupt.ts';

const DISK = readFileSync(join(import.meta.dirname, 'read-only.sh'), 'utf8');

async function disk(vps: LabVps, what: 'own' | 'fail' | 'repair'): Promise<void> {
  const { code, stderr } = await execVps(vps, ['sh', '-c', DISK, 'read-only', what]);
  if (code !== 0) throw new Error(`disk ${what}: ${stderr}`);
}

/** Makes a change whose disk becomes read-only at a moment, and resolves to what is said about it. */
async function failing(job: Job, moment: Moment, act: () => Promise<void>): Promise<string> {
  const stop = new AbortController();
  const fail = async () => {
    await act();
    stop.abort();
  };
  const { error } = await interrupted(job, moment, fail, stop.signal);
  return error?.message ?? '';
}

async function expectCompleted(vps: LabVps, before: readonly string[]): Promise<void> {
  await disk(vps, 'repair');
  await reaches(vps, 'undone', 60);
  expect(await recorded(vps, 'errors')).toBe('');
  expect(difference(before, await fingerprint(vps))).toEqual([]);
  expect(
    await inside(vps, 'grep -c rollback /proc/mounts || :; ls -d /run/postern-rollback 2>/dev/null || :'),
  ).toBe('0\n');
}

const verify = { verify: { attempts: 2, rollbackSeconds: 60 } };

describe('a disk that becomes read-only in the middle of a change', () => {
  it('of its own accord, for good: its owner gets in as before, is told so, and the next boot completes the rollback', async () => {
    await withVps(
      async (vps) => {
        await installPackages(vps);
        await inside(vps, 'sync');
        const boots = await bootCount(vps);
        cutPowerNow(vps);
        await waitForBoot(vps, { afterBoot: boots });
        const before = await fingerprint(vps);
        const job = await jobFor(vps, { ...verify, ssh: { port: 2200 } });
        const said = await failing(job, 'switched', () => makeDiskReadOnly(vps));
        expect(said).toMatch(/cannot write its disk \(.*\/etc/);
        expect(said).not.toContain('these steps failed');
        expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
        cutPowerNow(vps);
        await waitForBoot(vps, { afterBoot: boots + 1 });
        await waitForSsh(vps);
        expect(await recorded(vps, 'phase')).toBe('undone');
        expect(difference(before, await fingerprint(vps))).toEqual([]);
        expect((await hardened(job)).sealedAt).toMatch(/Z$/);
      },
      { disk: { mebibytes: 512 } },
    );
  });

  it('is written to as soon as that is possible', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      await disk(vps, 'own');
      const before = await fingerprint(vps);
      const job = await jobFor(vps, { ...verify, ssh: { port: 2200 } });
      const said = await failing(job, 'switched', () => disk(vps, 'fail'));
      expect(said).toContain("put the firewall's rules and sshd back");
      expect(said).not.toContain('these steps failed');
      expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
      expect(
        await inside(
          vps,
          'ss -Hltn "sport = :2222 or sport = :2200"; iptables-save -t filter | grep POSTERN || :',
        ),
      ).toBe('');
      await expectCompleted(vps, before);
      expect((await hardened(job)).sealedAt).toMatch(/Z$/);
    });
  });

  it('opens a sealed host’s door for the sequence that it had before, also without overlayfs', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      // What stands for a kernel without it.
      await inside(
        vps,
        `printf '#!/bin/sh\\ncase $* in *overlay*) exit 32 ;; esac\\nexec /bin/mount "$@"\\n' >/usr/local/sbin/mount; chmod 755 /usr/local/sbin/mount`,
      );
      await disk(vps, 'own');
      const job = await jobFor(vps, verify);
      const sealed = remembered(job, await hardened(job));
      const before = await fingerprint(vps);
      const next = await jobFor(vps, verify, sealed);
      const said = await failing(next, 'switched', () => disk(vps, 'fail'));
      expect(said).toMatch(/cannot write its disk/);
      expect(await knockedOpen(vps, job)).toBe(true);
      await shut(vps);
      await expectCompleted(vps, before);
      expect(await knockedOpen(vps, job)).toBe(true);
    });
  });
});
