import { expect, it } from 'vitest';
import { withVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';

/** Whoever connects and goes without logging in is shut out at once, and for long. */
const STRICT = 'PerSourcePenalties noauth:60s authfail:60s min:1s\\n';

it('proves the door of a host whose sshd would shut out who proves it, and leaves sshd as strict as it was', async () => {
  await withVps(
    async (vps) => {
      await inside(
        vps,
        `printf '${STRICT}' >/etc/ssh/sshd_config.d/10-strict.conf && systemctl reload ssh.service`,
      );
      const job = await jobFor(vps);
      await hardened(job);
      expect(await inside(vps, 'ls /etc/ssh/sshd_config.d')).not.toContain('postern-change');
      expect(await inside(vps, 'sshd -T')).toMatch(/^persourcepenaltyexemptlist none$/m);
      // The daemon that runs, not only its files: a connection without a login, and the next is shut out.
      expect(await knockedOpen(vps, job)).toBe(true);
      await expect
        .poll(
          async () => {
            await front(vps, job);
            return await inside(vps, "journalctl -q -u ssh.service -g 'penalty' -o cat | tail -n 3");
          },
          { timeout: 20_000 },
        )
        .toMatch(/penalty/i);
    },
    { release: 'trixie' },
  );
});
