import { expect, it } from 'vitest';
import { readBanner } from '../../../remote/banner.ts';
import { withVps } from '../../lab/fixture.ts';
import { knockedOpen } from '../door.ts';
import { hardened, inside, jobFor } from '../fixture.ts';

it('finds in all files of sshd and PAM what a change could not override, before anything is written', async () => {
  await withVps(async (vps) => {
    await inside(
      vps,
      `mkdir /etc/ssh/site
      printf 'Match User root\\n  PasswordAuthentication yes\\n' >>/etc/ssh/sshd_config
      printf 'Include site/*.conf\\n' >/etc/ssh/sshd_config.d/60-site.conf
      printf '# ours\\nListenAddress 0.0.0.0:2201\\nInclude "/etc/ssh/site/deeper"\\n' >/etc/ssh/site/a.conf
      printf 'Port 2200\\n' >/etc/ssh/site/deeper
      useradd -s /usr/sbin/nologin ops
      echo 'account required pam_time.so' >>/etc/pam.d/common-account
      echo 'sshd;*;!root;Wk0900-1800' >>/etc/security/time.conf
      touch /run/nologin`,
    );
    const error = await hardened(await jobFor(vps)).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringContaining('nothing was written') });
    for (const found of [
      /sshd_config line \d+ sets PasswordAuthentication yes for "Match User root"/,
      /site\/a\.conf line 2 makes sshd listen on port 2201/,
      /site\/deeper line 1 makes sshd listen on port 2200/,
      /the shell of admin\.user ops is \/usr\/sbin\/nologin/,
      /PAM refuses logins at some hours .*sshd;\*;!root;Wk0900-1800/,
      /\/run\/nologin forbids logins/,
    ])
      expect(error).toMatchObject({ message: expect.stringMatching(found) });
    expect(await inside(vps, 'ls -d /var/lib/postern* 2>/dev/null || :')).toBe('');
  });
});

it('says that a host has IPv6 which nobody verifies; its banner does not name the distribution', async () => {
  await withVps(async (vps) => {
    const job = await jobFor(vps);
    const said: string[] = [];
    await hardened({ ...job, initialAccess: { ...job.initialAccess, addressV6: undefined } }, (text) =>
      said.push(text),
    );
    expect(said.filter((text) => text.includes(vps.addressV6))).toEqual([
      expect.stringMatching(/nothing is verified over it/),
    ]);
    expect(await knockedOpen(vps, job)).toBe(true);
    const banner = await readBanner({
      address: vps.address,
      port: job.posture.ssh.port,
      timeoutMilliseconds: 3000,
    });
    expect(banner).toMatch(/^SSH-2\.0-OpenSSH_[0-9.p]+$/);
  });
});
