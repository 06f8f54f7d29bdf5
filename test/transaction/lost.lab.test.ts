import { describe, expect, it } from 'vitest';
import { withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';

/**
 * What makes a systemd before version 259 take ssh.service for stopped while it runs: sshd.service, which something is ordered
 * after, is missing and then becomes its alias. Which of the two it reads last is chance, thrown anew with each re-execution.
 */
const LOSE = `
printf '[Unit]\\nAfter=sshd.service\\n[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/waits.service
# Executed anew, it does not answer for a moment.
asked() { until systemctl "$@" 2>/dev/null; do sleep 0.1; done; }
asked daemon-reload; asked start waits.service
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  rm -f /etc/systemd/system/sshd.service; asked daemon-reexec
  ln -s /lib/systemd/system/ssh.service /etc/systemd/system/sshd.service; asked daemon-reload
  [ "$(asked show -p ActiveState --value ssh.service)" != inactive ] || break
done
asked show -p ActiveState --value ssh.service`;

describe.each(['bookworm', 'trixie'] as const)('an sshd that systemd lost sight of, on %s', (release) => {
  it('runs in its unit again within seconds, and sessions go on', async () => {
    await withVps(
      async (vps) => {
        const job = await jobFor(vps, {});
        await hardened(job);
        expect(await inside(vps, LOSE)).toBe('inactive\n');
        await expect
          .poll(() => inside(vps, 'systemctl is-active ssh.service; :'), { timeout: 15_000 })
          .toBe('active\n');
        const pids = await inside(
          vps,
          'systemctl show -p MainPID --value ssh.service; ss -Hltnp "sport = :22" | sed "s/.*pid=//; s/,.*//" | sort -u',
        );
        expect(new Set(pids.trim().split('\n')).size).toBe(1);
        expect(await knockedOpen(vps, job)).toBe(true);
      },
      { release },
    );
  });
});
