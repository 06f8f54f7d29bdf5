import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { installPackages } from './interrupt.ts';

describe('a host that has rules of its own', () => {
  const sshRules = [
    'allow 22/tcp',
    'limit ssh',
    'allow OpenSSH',
    'allow from 192.0.2.0/24 to any port 22 proto tcp',
  ];
  const foreign = ['allow 8080/tcp', 'allow from 198.51.100.0/24'];

  /** With ufw enabled and these rules in it. */
  const enableUfw = (vps: LabVps, rules: readonly string[]) =>
    inside(
      vps,
      ['allow 22/tcp', ...rules]
        .map((rule) => `ufw ${rule}`)
        .concat('ufw --force enable')
        .join(' && '),
    );

  it('is refused with their names, unless told to keep them; every rule for ssh goes', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      await enableUfw(vps, [...sshRules, ...foreign]);
      const error = await hardened(await jobFor(vps)).catch((thrown: unknown) => thrown as Error);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message: expect.stringContaining('8080/tcp') });
      expect(error).toMatchObject({ message: expect.stringContaining('198.51.100.0/24') });
      expect(error).toMatchObject({ message: expect.not.stringMatching(/OpenSSH|22\/tcp/) });
      const job = await jobFor(vps, { firewall: { foreignRules: 'keep' } });
      const { evidence } = await hardened(job);
      // Proven closed all the same: what no kept rule can let answer.
      const silent = evidence.filter(({ check }) => /before a knock/.test(check)).map(({ check }) => check);
      expect(silent).toHaveLength(2);
      for (const check of silent) {
        expect(check).toMatch(/\b443\b.*\b3306\b/);
        expect(check).not.toMatch(/\b8080\b/);
      }
      const rules = await inside(vps, 'ufw show added');
      for (const rule of foreign) expect(rules).toContain(`ufw ${rule}`);
      expect(rules).not.toMatch(/OpenSSH|ssh\b|\b22\b/);
      expect(await front(vps, job, { sourceAddress: vps.otherClients[0] })).toBe('silent');
    });
  });
});

describe('a host that is entered otherwise', () => {
  it('by a user with sudo, who is to be the administrator', async () => {
    await withVps(async (vps) => {
      await inside(
        vps,
        `useradd -m -s /bin/bash ops && echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/90-cloud
        install -d -o ops -g ops -m 755 /home/ops/.ssh
        install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys`,
      );
      const job = await jobFor(vps);
      const first = { ...job.initialAccess, user: 'ops' };
      await hardened({ ...job, initialAccess: first });
      expect(await knockedOpen(vps, job)).toBe(true);
    });
  });
});
