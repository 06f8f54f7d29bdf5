import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RELEASES } from '../../lab/base.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { toBase32 } from '../../remote/ssh/totp.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job, Previous } from '../../transaction/job.ts';
import { withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

const wish = { ssh: { port: 2200, secondFactor: 'totp' } };
const PAM = 'sha256sum /etc/pam.d/sshd';

async function withCode(vps: LabVps, previous?: Previous): Promise<Job> {
  return { ...(await jobFor(vps, wish, previous)), totp: toBase32(randomBytes(20)) };
}

/** Whether the front door lets the administrator in with the key and this secret's code. */
async function letsIn(vps: LabVps, job: Job, hostKeys: readonly string[], totp: string | undefined) {
  expect(await knockedOpen(vps, job)).toBe(true);
  const target = { ...frontDoorRoute(job, job, hostKeys).target, totp };
  return logInOnce(target, { argv: ['true'], timeoutSeconds: 20 }).then(
    () => true,
    (error: { kind?: string }) => {
      expect(error.kind).toBe('auth-refused');
      return false;
    },
  );
}

/** A door that does not open, found at the first attempt. */
function deaf({ knock, verify }: Posture): Pick<Posture, 'knock' | 'verify'> {
  return { knock: { ...knock, interface: 'lo' }, verify: { ...verify, attempts: 1 } };
}

/** What the docs say to type in the provider's console when no code fits. */
function inConsole(): string {
  const page = readFileSync('docs/second-factor.md', 'utf8');
  const command = /`(sed -i [^`]+)`/.exec(page)?.[1];
  if (command === undefined) throw new Error('the docs have no such command');
  return command;
}

const releases = RELEASES.filter((release) => LONG || release !== 'trixie');

describe.each(releases)('a second factor on %s', (release) => {
  it('is proven, then required; a new one replaces it; without the wish it is gone', async () => {
    await withVps(
      async (vps) => {
        const packaged = await inside(vps, PAM);
        const first = await withCode(vps);
        const sealed = await hardened(first);
        expect(sealed.evidence.map(({ check, seen }) => `${check}: ${seen}`)).toEqual(
          expect.arrayContaining(['ssh login with a key, but without a code: refused']),
        );
        const { hostKeys } = sealed;
        expect(await letsIn(vps, first, hostKeys, undefined)).toBe(false);
        expect(await letsIn(vps, first, hostKeys, toBase32(randomBytes(20)))).toBe(false);
        expect(await letsIn(vps, first, hostKeys, first.totp)).toBe(true);
        expect(await inside(vps, 'stat -c "%a %U" /etc/postern/totp')).toBe('400 root\n');
        const journal = await inside(
          vps,
          'journalctl -q --no-pager; cat /var/lib/postern/*/plan /var/log/*.log',
        );
        expect(journal).not.toContain(first.totp);

        // The rest is the same shell everywhere.
        if (release !== 'bookworm') return;
        const second = await withCode(vps, remembered(first, sealed));
        const again = remembered(second, await hardened(second));
        expect(await inspect(second, again, () => {})).toEqual([]);
        expect(await letsIn(vps, second, hostKeys, first.totp)).toBe(false);
        expect(await letsIn(vps, second, hostKeys, second.totp)).toBe(true);

        const third = await jobFor(vps, { ssh: { port: 2200 } }, again);
        await hardened(third);
        expect(await letsIn(vps, third, hostKeys, undefined)).toBe(true);
        expect(await inside(vps, PAM)).toBe(packaged);
        expect(await inside(vps, 'ls /etc/postern')).not.toContain('totp');
      },
      { release },
    );
  });
});

it('a second factor that does not work is never required, neither a first nor a new one: the change is undone', async () => {
  await withVps(async (vps) => {
    const module = '$(find / -xdev -name pam_google_authenticator.so)';
    await inside(
      vps,
      `apt-get -q update && apt-get -q -y --no-install-recommends install libpam-google-authenticator ufw knockd
      systemctl disable -q --now knockd ufw; mv ${module} /root/module`,
    );
    const fresh = await fingerprint(vps);
    await expect(hardened(await withCode(vps))).rejects.toThrow(
      /candidate sshd.*clocks.*\n.*rolled the change back and is as it was; port 22 answers as before/s,
    );
    expect(difference(fresh, await fingerprint(vps))).toEqual([]);

    await inside(vps, 'apt-get -q -y --reinstall install libpam-google-authenticator');
    const first = await withCode(vps);
    const sealed = await hardened(first);
    const before = await fingerprint(vps);
    const next = await withCode(vps, remembered(first, sealed));
    const { posture } = next;
    const broken = { ...next, posture: { ...posture, ...deaf(posture) } };
    await expect(hardened(broken)).rejects.toThrow('rolled the change back and is as it was');
    expect(difference(before, await fingerprint(vps))).toEqual([]);
    expect(await letsIn(vps, first, sealed.hostKeys, first.totp)).toBe(true);
    expect(await letsIn(vps, first, sealed.hostKeys, broken.totp)).toBe(false);

    await inside(vps, inConsole());
    expect(await letsIn(vps, first, sealed.hostKeys, undefined)).toBe(true);
  });
});
