import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import type { Job } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { cutPowerNow } from './interrupt.ts';

const SOCKET = 'systemctl disable --now ssh.service && systemctl enable --now ssh.socket';
const state = (vps: LabVps, unit: string) =>
  inside(vps, `systemctl is-enabled ${unit}; systemctl is-active ${unit}; :`);
const listeners = (vps: LabVps) =>
  inside(vps, 'ss -Hltnp | sed -n \'s/.*:\\([0-9]*\\) .*users:((\\("[a-z]*"\\).*/\\1 \\2/p\'');

/** What systemd makes of sshd's units, enablement and links included. */
const unitsOf = async (vps: LabVps) =>
  (await fingerprint(vps)).filter((line) => /^unit ssh|^link \/etc\/systemd\/.*ssh/.test(line));

/** As systemd 262 does: of several units that are to be stopped none is, when one of them is not loaded. */
const newerSystemctl = (vps: LabVps) =>
  inside(
    vps,
    `cat >/usr/local/sbin/systemctl <<'END' && chmod 755 /usr/local/sbin/systemctl
#!/bin/sh
verb='' units=''
for word; do
  case $word in -*) ;; *) if [ -z "$verb" ]; then verb=$word; else units="$units $word"; fi ;; esac
done
case $verb in
  stop | restart | disable)
    for unit in $units; do
      case $units in *' '*' '*) [ "$(/usr/bin/systemctl show -p LoadState --value "$unit")" = loaded ] || exit 5 ;; esac
    done
    ;;
esac
exec /usr/bin/systemctl "$@"
END`,
  );

describe.each(['bookworm', 'trixie'] as const)(
  'a host whose sshd systemd starts by a socket, on %s',
  (debian) => {
    it('has a daemon on the port that was asked for, also after a reboot, and its socket back when released', async () => {
      await withVps(
        async (vps) => {
          await inside(vps, SOCKET);
          // So that sshd's daemon runs before as it does afterwards.
          await ssh(vps, ['true']);
          const units = await unitsOf(vps);
          const job = await jobFor(vps, { ssh: { port: 2200 } });
          const sealed = remembered(job, await hardened(job));
          for (const booted of [false, true]) {
            if (booted) {
              const boots = await bootCount(vps);
              cutPowerNow(vps);
              await waitForBoot(vps, { afterBoot: boots });
            }
            expect(await state(vps, 'ssh.service')).toBe('enabled\nactive\n');
            expect(await state(vps, 'ssh.socket')).toBe('disabled\ninactive\n');
            expect([...new Set((await listeners(vps)).trim().split('\n'))]).toEqual(['2200 "sshd"']);
            expect(await knockedOpen(vps, job)).toBe(true);
          }
          expect(await inspect(job, sealed, () => {})).toEqual([]);
          await restoreHost({ ...job, previous: sealed }, sealed, () => {});
          expect(await unitsOf(vps)).toEqual(units);
          expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
        },
        { release: debian },
      );
    });

    it('has its socket back, and nothing else, when the change is undone', async () => {
      await withVps(
        async (vps) => {
          await inside(vps, SOCKET);
          // So that sshd's daemon runs before as it does afterwards.
          await ssh(vps, ['true']);
          await newerSystemctl(vps);
          const before = await fingerprint(vps);
          // Nobody hears the knocks, so the proof fails.
          const job = await jobFor(vps, { knock: { interface: 'lo' }, verify: { attempts: 1 } });
          await expect(hardened(job)).rejects.toThrow(/rolled the change back and is as it was/);
          expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
          // Packages stay, and what they brought.
          const changed = difference(before, await fingerprint(vps));
          expect(changed.filter((line) => /ssh|postern|^.listen/.test(line))).toEqual([]);
        },
        { release: debian },
      );
    });
  },
);

describe('a host whose socket listens elsewhere than sshd’s files say', () => {
  it('is changed, and its undo finds it as it was at its first try', async () => {
    await withVps(async (vps) => {
      await inside(
        vps,
        `mkdir -p /etc/systemd/system/ssh.socket.d
        printf '[Socket]\\nListenStream=\\nListenStream=2022\\n' >/etc/systemd/system/ssh.socket.d/override.conf
        systemctl daemon-reload; ${SOCKET}`,
      );
      const job = await jobFor(vps, { knock: { interface: 'lo' }, verify: { attempts: 1 } });
      const moved = { ...job, initialAccess: { ...job.initialAccess, port: 2022 } };
      await expect(hardened(moved)).rejects.toThrow(/rolled the change back and is as it was; port 2022/);
      // Not after waiting in vain for a port that was never there.
      expect(await inside(vps, 'grep ^tries= /var/lib/postern/record')).toBe('tries=1\n');
      expect((await ssh(vps, ['id', '-un'], { port: 2022 })).stdout).toBe('root\n');
    });
  });
});

describe('cloud-init’s drop-in, which turns passwords on', () => {
  const CLOUD = '/etc/ssh/sshd_config.d/50-cloud-init.conf';

  /** What the front door offers somebody without a key. */
  async function offered(vps: LabVps, job: Job, hostKeys: readonly string[]): Promise<string[]> {
    expect(await knockedOpen(vps, job)).toBe(true);
    const { target } = frontDoorRoute(job, job, hostKeys);
    return [...(await logInOnce(target, { argv: ['true'], timeoutSeconds: 10 })).offered];
  }

  it('is beaten, and stays so when it is written again', async () => {
    await withVps(async (vps) => {
      expect(await inside(vps, `cat ${CLOUD}`)).toBe('PasswordAuthentication yes\n');
      const job = await jobFor(vps);
      const { hostKeys } = await hardened(job);
      expect(await offered(vps, job, hostKeys)).toEqual(['publickey']);
      const lines =
        'PasswordAuthentication yes\\nKbdInteractiveAuthentication yes\\nPermitRootLogin yes\\nAuthenticationMethods publickey password\\n';
      await inside(vps, `printf '${lines}' >${CLOUD} && systemctl reload ssh.service`);
      await sleep(500);
      expect(await offered(vps, job, hostKeys)).toEqual(['publickey']);
      const effective = await inside(vps, 'sshd -T -C user=root,host=x,addr=192.0.2.1');
      expect(effective).toMatch(/^permitrootlogin no$/m);
      expect(effective).toMatch(/^allowusers ops$/m);
      // Even read later: it says once more for every login what decides.
      await inside(
        vps,
        'cd /etc/ssh/sshd_config.d && mv 00-postern.conf 99-postern.conf && systemctl reload ssh.service',
      );
      await sleep(500);
      expect(await offered(vps, job, hostKeys)).toEqual(['publickey']);
    });
  });
});
