import { describe, expect, it } from 'vitest';
import { waitForBoot, waitForSsh } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from './door.ts';
import { hardened, inside, jobFor, type Sections } from './fixture.ts';
import { cutPowerNow, recorded } from './interrupt.ts';

/** Hardens, and pulls the plug as soon as dpkg's log has a line. */
async function cutWhile(vps: LabVps, sections: Sections, line: string): Promise<void> {
  const seen = inside(
    vps,
    `until grep -qs ' status ${line}' /var/log/dpkg.log; do sleep 0.01; done`,
    120,
  ).then(() => cutPowerNow(vps));
  const failure = hardened(await jobFor(vps, sections)).catch((error: Error) => error.message);
  await seen;
  expect(await failure).toContain('rolled the change back');
  await waitForBoot(vps, { afterBoot: 1 });
  await waitForSsh(vps);
}

const verify = { verify: { rollbackSeconds: 60 } };

describe('a host that loses power while packages are installed', () => {
  const moments: readonly [string, Sections][] = [
    ['unpacked ufw', {}],
    ['half-configured firewalld', { firewall: { backend: 'firewalld' } }],
    ['half-installed ufw', {}],
    ['half-configured ufw', {}],
    ['half-configured knockd', {}],
  ];
  it.each(moments.slice(0, LONG ? moments.length : 2))(
    'is sealed by the next change: %s',
    async (line, sections) => {
      await withVps(async (vps) => {
        await cutWhile(vps, { ...verify, ...sections }, line);
        expect(await recorded(vps, 'errors')).toBe('');
        expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
        expect(await inside(vps, 'dpkg --audit')).not.toBe('');
        const job = await jobFor(vps, { ...verify, ...sections });
        expect((await hardened(job)).sealedAt).toMatch(/Z$/);
        expect(await inside(vps, 'dpkg --audit')).toBe('');
        expect(await knockedOpen(vps, job)).toBe(true);
      });
    },
  );
});

describe('a host whose owner’s own dpkg was interrupted', () => {
  it('is sealed once it was finished, and its daemons run', async () => {
    await withVps(async (vps) => {
      await inside(
        vps,
        `apt-get -q update && cd /tmp && apt-get -q download fail2ban knockd && dpkg --unpack --force-depends *.deb
        sed -i '/^Package: less$/,/^$/s/^Status: .*/Status: install reinstreq unpacked/' /var/lib/dpkg/status`,
      );
      expect(await inside(vps, 'dpkg --audit')).toContain('knockd');
      const job = await jobFor(vps, verify);
      expect((await hardened(job)).sealedAt).toMatch(/Z$/);
      expect(await inside(vps, 'dpkg --audit')).toBe('');
      expect(await knockedOpen(vps, job)).toBe(true);
      expect((await inside(vps, 'systemctl is-active fail2ban')).trim()).toBe('active');
    });
  });

  it('is as it was where it cannot be finished, and the words say which package and which command', async () => {
    await withVps(async (vps) => {
      await inside(
        vps,
        `mkdir -p /tmp/broken/DEBIAN && cd /tmp && printf 'Package: broken\\nVersion: 1\\nArchitecture: all\\nMaintainer: me <me@example.org>\\nDescription: broken\\n' >broken/DEBIAN/control
        printf '#!/bin/sh\\nexit 1\\n' >broken/DEBIAN/postinst && chmod 755 broken/DEBIAN/postinst && dpkg-deb -b broken && ! dpkg -i broken.deb`,
      );
      await expect(hardened(await jobFor(vps, verify))).rejects.toThrow(
        /cannot be finished: broken half-configured.*dpkg --configure -a.*rolled the change back and is as it was/s,
      );
    });
  });
});

describe('files of packages', () => {
  it('that are gone come back before the switch', async () => {
    await withVps(async (vps) => {
      await inside(
        vps,
        'apt-get -q update && apt-get -q -y --no-install-recommends install ufw knockd && rm /etc/default/ufw /etc/ufw/*.rules /etc/ufw/*.conf /etc/ufw/*.init /etc/knockd.conf',
      );
      const job = await jobFor(vps, verify);
      expect((await hardened(job)).sealedAt).toMatch(/Z$/);
      expect(await inside(vps, 'ls /etc/default/ufw /etc/ufw')).toBe(
        '/etc/default/ufw\n\n/etc/ufw:\nafter.init\nafter.rules\nafter6.rules\napplications.d\nbefore.init\nbefore.rules\nbefore6.rules\nsysctl.conf\nufw.conf\nuser.rules\nuser6.rules\n',
      );
    });
  });
});

describe('a host without a tool for firewall rules', () => {
  it('has none of a change that was rolled back', async () => {
    await withVps(async (vps) => {
      await inside(vps, 'dpkg --purge --force-depends nftables iptables && ! command -v nft iptables-save');
      const job = await jobFor(vps, {
        verify: { attempts: 1 },
        firewall: { backend: 'nftables' },
        knock: { interface: 'lo' },
      });
      await expect(hardened(job)).rejects.toThrow('rolled the change back and is as it was');
      expect(await inside(vps, 'nft list ruleset')).toBe('');
      expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
    });
  });
});
