import { expect, it } from 'vitest';
import { logInOnce } from '../../remote/ssh/login.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { clientIdentity, withVps } from '../lab/fixture.ts';
import { knockedOpen } from '../transaction/door.ts';
import { hardened, inside, jobFor } from '../transaction/fixture.ts';

it('only the administrator gets in: no other account, nor root, whatever keys they have', async () => {
  await withVps(async (vps) => {
    const { publicKey } = await clientIdentity();
    await inside(
      vps,
      `useradd -m -s /bin/sh eve
      install -d -m 700 -o eve -g eve /home/eve/.ssh
      echo '${publicKey}' >/home/eve/.ssh/authorized_keys
      chown eve:eve /home/eve/.ssh/authorized_keys`,
    );
    const job = await jobFor(vps);
    const { hostKeys } = await hardened(job);
    expect(await knockedOpen(vps, job)).toBe(true);
    const { target } = frontDoorRoute(job, job, hostKeys);
    const comesIn = (user: string) =>
      logInOnce({ ...target, user, sudo: false }, { argv: ['id', '-un'], timeoutSeconds: 20 }).then(
        ({ stdout }) => stdout.trim(),
        (error: { kind?: string }) => error.kind,
      );
    expect(await comesIn('ops')).toBe('ops');
    expect(await comesIn('eve')).toBe('auth-refused');
    expect(await comesIn('root')).toBe('auth-refused');
    // It is AllowUsers that keeps eve out, not her keys.
    await inside(
      vps,
      "sed -i 's/^AllowUsers .*/AllowUsers ops eve/' /etc/ssh/sshd_config.d/00-postern.conf && systemctl reload ssh.service",
    );
    await expect.poll(() => comesIn('eve'), { timeout: 5000 }).toBe('eve');
  });
});
