import { expect, it } from 'vitest';
import { makeIdentity, ssh, withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { dropTowards } from './outage.ts';

/** A jail that bans whoever connects and goes without logging in. */
const STRICT = `[DEFAULT]
ignoreself = false
ignoreip = 192.0.2.1
[sshd]
enabled = true
mode = aggressive
maxretry = 1
port = 0:65535
`;

it('proves the door of a host whose fail2ban would ban for it, and leaves fail2ban as it was', async () => {
  await withVps(async (vps) => {
    await inside(
      vps,
      `apt-get -q update && apt-get -q -y --no-install-recommends install fail2ban
      printf '${STRICT.replaceAll('\n', '\\n')}' >/etc/fail2ban/jail.d/strict.local
      systemctl stop fail2ban.service
      # What waited for the host to boot looks like an attack, and would be banned for it now.
      journalctl -q --rotate; journalctl -q --vacuum-time=1s; for log in /var/log/auth.log /var/log/fail2ban.log; do : >$log; done
      rm -f /var/lib/fail2ban/fail2ban.sqlite3
      systemctl start fail2ban.service
      until fail2ban-client status sshd; do sleep 0.2; done
      fail2ban-client unban --all`,
    );
    const ignored = () => inside(vps, 'fail2ban-client get sshd ignoreip');
    const before = await ignored();
    expect(before).toContain('192.0.2.1');

    const restore = await dropTowards(vps, '7000-32767');
    const undone = hardened(await jobFor(vps, { verify: { attempts: 1 } }));
    await expect(undone.finally(restore)).rejects.toThrow('rolled the change back and is as it was');
    expect(await ignored()).toBe(before);

    const job = await jobFor(vps);
    const { hostKeys } = await hardened(job);
    expect(await ignored()).toBe(before);
    expect(await knockedOpen(vps, job)).toBe(true);
    // And now it bans again.
    const identity = await makeIdentity('stranger');
    await ssh(vps, ['true'], { user: 'ops', port: job.posture.ssh.port, hostKeys, identity });
    await expect.poll(() => front(vps, job), { timeout: 10_000, interval: 300 }).not.toBe('open');
  });
});
