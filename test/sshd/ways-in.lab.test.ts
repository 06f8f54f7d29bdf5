import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { logInOnce } from '../../remote/ssh/login.ts';
import { openSession } from '../../remote/ssh/session.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';
import { clientIdentity, makeIdentity, withVps } from '../lab/fixture.ts';
import { knockedOpen } from '../transaction/door.ts';
import { inside, jobFor, remembered } from '../transaction/fixture.ts';

const FIREWALL = { firewall: { backend: 'nftables' }, knock: { engine: 'kernel', openSeconds: 120 } };
const SESSION = { timeoutSeconds: 20 };

it('only the keys of the configuration lead in, and only their sessions stay, whatever else a host had or gets', async () => {
  await withVps(async (vps) => {
    // An authority of the host's, and a stranger with a certificate of it for the administrator's name.
    const [{ publicKey }, leaver, stranger, ca] = await Promise.all([
      clientIdentity(),
      makeIdentity('leaver'),
      makeIdentity('stranger'),
      makeIdentity('ca'),
    ]);
    await promisify(execFile)('ssh-keygen', [
      '-q',
      '-s',
      ca.file,
      '-I',
      'x',
      '-n',
      'ops',
      `${stranger.file}.pub`,
    ]);
    copyFileSync(`${stranger.file}-cert.pub`, `${stranger.file}.pub`);
    await inside(
      vps,
      `useradd -m ops; echo ops:secret | chpasswd; echo '${ca.publicKey}' >/etc/ssh/ca.pub
      echo 'TrustedUserCAKeys /etc/ssh/ca.pub' >/etc/ssh/sshd_config.d/60-ca.conf; systemctl restart ssh`,
    );
    const root = await openSession(
      { ...vps, identity: { file: (await clientIdentity()).file }, sudo: false },
      SESSION,
    );
    const keys = (authorizedKeys: string[], more = {}) => ({
      admin: { authorizedKeys, takeOver: true, ...more },
      ...FIREWALL,
    });

    // 1. What the host has is named before anything is written, and an account of that name is not made root in passing.
    const said: string[] = [];
    const run = (job: Job) =>
      harden(
        job,
        () => {},
        undefined,
        (words) => said.push(words),
      );
    const unasked = await jobFor(vps, keys([publicKey], { takeOver: false }));
    await expect(run(unasked)).rejects.toThrow(
      /there is an account ops \(home \/home\/ops\) that may not become root/,
    );
    const first = await jobFor(vps, keys([publicKey, leaver.publicKey]));
    const sealed = await run(first);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /60-ca\.conf line 1 says TrustedUserCAKeys .*set ssh\.trustedUserCAKeys: \/etc\/ssh\/ca\.pub/,
        ),
        expect.stringMatching(/^these ssh sessions end when the host is sealed.*: root from /),
      ]),
    );

    // 2. The root session of before is gone, and told of; the stranger's certificate is worth nothing.
    const sessions = () => inside(vps, "ps -eo args | grep -E '^sshd(-session)?: [a-z]+' | sort || :");
    expect(await sessions()).not.toContain(': root');
    expect(sealed.evidence).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          check: expect.stringMatching(/^session of root from /),
          seen: expect.stringMatching(/^ended: its account/),
        }),
      ]),
    );
    expect(sealed.unverified).toEqual([]);
    expect(await knockedOpen(vps, first)).toBe(true);
    const { target } = frontDoorRoute(first, first, sealed.hostKeys);
    const as = (file: string) =>
      logInOnce({ ...target, identity: { file } }, { argv: ['id', '-u'], timeoutSeconds: 20 }).then(
        ({ stdout }) => stdout.trim(),
        (error: { kind?: string }) => error.kind,
      );
    expect(await as(stranger.file)).toBe('auth-refused');
    expect(await as(leaver.file)).toBe('0');

    // 3. Nor is it after a drop-in that says so for this user, which is told of all the same.
    const previous = remembered(first, sealed);
    const drift = async () =>
      (await inspect(first, previous, () => {})).filter((line) => line.startsWith('+'));
    expect(await drift()).toEqual([]);
    const after = (text: string) =>
      inside(vps, `printf '${text}' >/etc/ssh/sshd_config.d/99-after.conf; systemctl restart ssh`);
    await after('Match User ops\\nTrustedUserCAKeys /etc/ssh/ca.pub\\nPasswordAuthentication yes\\n');
    expect(await as(stranger.file)).toBe('auth-refused');
    expect((await drift()).join('\n')).toMatch(/99-after\.conf line 3 sets PasswordAuthentication yes/);
    await after('Match Address 192.0.2.0/24\\nAllowUsers eve\\n');
    expect((await drift()).join('\n')).toMatch(
      /sshd AllowUsers ops eve, in force for (root|ops|eve) from 192\.0\.2\.0/,
    );
    await inside(
      vps,
      "rm /etc/ssh/sshd_config.d/99-after.conf; echo 'SSHD_OPTS=-oPermitRootLogin=yes' >/etc/default/ssh; systemctl restart ssh",
    );
    expect((await drift()).join('\n')).toMatch(/sshd is started with -o PermitRootLogin=yes/);
    await inside(vps, 'echo SSHD_OPTS= >/etc/default/ssh; systemctl restart ssh');
    expect(await drift()).toEqual([]);

    // 4. Sessions of a key that is taken out end with the change that does it; those of the others stay.
    const [staying, leaving] = await Promise.all([
      openSession(target, SESSION),
      openSession({ ...target, identity: { file: leaver.file } }, SESSION),
    ]);
    const ssh = { trustedUserCAKeys: '/etc/ssh/ca.pub' };
    const later = await jobFor(vps, { ...keys([publicKey]), ssh }, previous);
    const second = await run(later);
    const fingerprint = (
      await promisify(execFile)('ssh-keygen', ['-l', '-f', `${leaver.file}.pub`])
    ).stdout.split(' ')[1];
    expect(
      second.evidence.filter(({ check }) => check.startsWith('session of ')).map(({ seen }) => seen),
    ).toContain(`ended: its key was removed (${fingerprint})`);
    await expect.poll(() => leaving.alive, { timeout: 10_000 }).toBe(false);
    expect(staying.alive).toBe(true);
    await Promise.all([staying, leaving, root].map((session) => session.close()));

    // 5. The authority counts where the configuration names it, and what its file holds is part of the seal.
    expect(await knockedOpen(vps, later)).toBe(true);
    expect(await as(leaver.file)).toBe('auth-refused');
    expect(await as(stranger.file)).toBe('0');
    await inside(vps, 'echo "# another" >>/etc/ssh/ca.pub');
    expect((await inspect(later, remembered(later, second), () => {})).at(-1)).toMatch(
      /^\+ file \/etc\/ssh\/ca\.pub .* other content$/,
    );
  });
}, 240_000);
