import { expect, it } from 'vitest';
import { logInOnce } from '../../remote/ssh/login.ts';
import { makeIdentity, withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';

/** Whoever connects and goes without logging in is shut out at once, and for long. */
const STRICT = '/etc/ssh/sshd_config.d/10-strict.conf';

it('lets the owner in after logins that failed from the same address, and whoever proves a door on a strict sshd', async () => {
  await withVps(
    async (vps) => {
      await inside(
        vps,
        `echo 'PerSourcePenalties noauth:60s authfail:60s min:1s' >${STRICT} && systemctl reload ssh.service`,
      );
      const job = await jobFor(vps);
      // Penalties of several files add up, so this is told before anything is written.
      await expect(hardened(job)).rejects.toThrow(
        /10-strict\.conf line 1 adds .* to Postern's PerSourcePenalties no; remove the line/,
      );
      await inside(vps, `rm ${STRICT} && systemctl restart ssh.service`);
      const sealed = await hardened(job);
      expect(await knockedOpen(vps, job)).toBe(true);
      const target = {
        address: vps.address,
        port: job.posture.ssh.port,
        user: job.posture.admin.user,
        hostKeys: sealed.hostKeys,
        sudo: false,
      };
      const wrong = await makeIdentity('wrong');
      for (let attempt = 0; attempt < 6; attempt++)
        await expect(
          logInOnce({ ...target, identity: wrong }, { argv: ['true'], timeoutSeconds: 20 }),
        ).rejects.toThrow('does not let this user log in with this key');
      // Connections without a login, as a knock's are.
      for (let attempt = 0; attempt < 20; attempt++) await front(vps, job);
      const result = await logInOnce(
        { ...target, identity: job.identity },
        { argv: ['id', '-un'], timeoutSeconds: 20 },
      );
      expect(result).toMatchObject({ code: 0, stdout: `${job.posture.admin.user}\n` });
    },
    { release: 'trixie' },
  );
}, 120_000);
