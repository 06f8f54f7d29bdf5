import { describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { program } from '../../transaction/programs.ts';
import { withVps } from '../lab/fixture.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor } from './fixture.ts';

/** Runs the installer without a change. */
async function installer(vps: LabVps, environment: readonly string[], packages: readonly string[]) {
  for (const name of ['apt.sh', 'host/systemd.sh', 'dpkg/files.sh', 'dpkg/repair.sh'])
    await execVps(vps, ['sh', '-c', `mkdir -p /run/agent/dpkg /run/agent/host && cat >/run/agent/${name}`], {
      stdin: program(name),
    });
  return execVps(vps, ['env', ...environment, 'sh', '/run/agent/apt.sh', '/run/apt.status', ...packages]);
}

/** Has a host hold locks in the background, by lines of Python. */
async function holdLocks(vps: LabVps, python: string): Promise<void> {
  await inside(
    vps,
    `setsid python3 -c 'import fcntl, time
${python}' >/dev/null 2>&1 &
    sleep 0.5`,
  );
}

describe('packages that a host lacks', () => {
  it('are waited for while another apt holds the locks, for longer than the deployer may be silent', async () => {
    await withVps(async (vps) => {
      // As a cloud image does after its first boot: the lists' lock first, which apt itself does not wait for; dpkg's own.
      await holdLocks(
        vps,
        `lists = open("/var/lib/apt/lists/lock", "w")
fcntl.lockf(lists, fcntl.LOCK_EX)
dpkg = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(dpkg, fcntl.LOCK_EX)
time.sleep(18)
lists.close()
time.sleep(18)`,
      );
      const { sealedAt } = await hardened(await jobFor(vps, { verify: { rollbackSeconds: 30 } }));
      expect(sealedAt).toMatch(/Z$/);
    });
  });

  it('are not waited for longer than was given, and apt’s words on the lock are told', async () => {
    await withVps(async (vps) => {
      await holdLocks(
        vps,
        `f = open("/var/lib/apt/lists/lock", "w")
fcntl.lockf(f, fcntl.LOCK_EX)
time.sleep(60)`,
      );
      await inside(vps, 'rm -rf /var/lib/apt/lists/*_Packages*');
      const apt = await installer(vps, ['PACKAGES_SECONDS=4'], ['knockd']);
      expect(apt.stdout).toMatch(/^E: Could not get lock \/var\/lib\/apt\/lists\/lock/m);
      expect(await inside(vps, 'cat /run/apt.status')).toBe('100\n');
    });
  });

  it('come without starting their daemons on the packaged examples', async () => {
    await withVps(async (vps) => {
      const packages = ['knockd', 'firewalld', 'fwknop-server'];
      const apt = await installer(vps, [], packages);
      expect(await inside(vps, 'cat /run/apt.status'), apt.stderr).toBe('0\n');
      const states = `systemctl is-active ${packages.join(' ')} || :`;
      expect(await inside(vps, states)).toBe('inactive\ninactive\ninactive\n');
      // An undo that came before the packages were there could not see to it.
      expect(await inside(vps, `systemctl is-enabled ${packages.join(' ')} || :`)).toBe(
        'disabled\ndisabled\ndisabled\n',
      );
      expect(await inside(vps, `journalctl -q -o cat -u ${packages.join(' -u ')}`)).toBe('');
    });
  });

  it('that apt cannot get leave the host as it was, with apt’s own words', async () => {
    await withVps(async (vps) => {
      await inside(vps, 'rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*; echo >/etc/apt/sources.list');
      const before = await fingerprint(vps);
      await expect(hardened(await jobFor(vps))).rejects.toThrow(
        /apt could not install ufw.*exit code 100.*Unable to locate package/s,
      );
      expect(difference(before, await fingerprint(vps))).toEqual([]);
    });
  });

  it('whose apt is killed leave the host as it was', async () => {
    await withVps(async (vps) => {
      const before = await fingerprint(vps);
      await inside(
        vps,
        `mkdir -p /run/systemd/system/postern-packages.service.d
        printf '[Service]\\nExecStart=\\nExecStart=/bin/sleep 600\\nTimeoutStartSec=2\\n' >/run/systemd/system/postern-packages.service.d/slow.conf`,
      );
      await expect(hardened(await jobFor(vps))).rejects.toThrow(/apt did not end within \d+ s/);
      await inside(vps, 'rm -r /run/systemd/system/postern-packages.service.d');
      expect(difference(before, await fingerprint(vps))).toEqual([]);
    });
  });
});
