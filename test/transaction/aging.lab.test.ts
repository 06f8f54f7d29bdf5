import { expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { inspect } from '../../transaction/drift/inspect.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { withVps } from '../lab/fixture.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';

const shadow = async (vps: LabVps, user: string) =>
  (await inside(vps, `getent shadow ${user}`)).trim().split(':').slice(2, 8).join(':');

/** A host whose accounts end: those that come, and the one that is to be the administrator's. */
async function ageing(vps: LabVps, ops: string): Promise<void> {
  await inside(
    vps,
    `sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 365/' /etc/login.defs
     printf 'INACTIVE=30\nEXPIRE=2030-01-01\n' >>/etc/default/useradd
     ${ops}`,
  );
}

it('keeps the account from expiring that it makes, and says so when somebody has it expire again', async () => {
  await withVps(async (vps) => {
    await ageing(vps, ':');
    const job = await jobFor(vps, { firewall: { backend: 'nftables' } });
    const sealed = remembered(job, await hardened(job));
    expect(await shadow(vps, 'ops')).toMatch(/^\d+:0::7::$/);
    // 400 days later, as far as the account is concerned: the candidate, the door and sudo take it all the same.
    await inside(vps, 'chage -d $(( $(date +%s) / 86400 - 400 )) ops');
    expect(await inspect(job, sealed, () => {})).toEqual([]);
    await inside(vps, 'chage -M 3650 ops');
    expect(await inspect(job, sealed, () => {})).toEqual([
      '- account ops never expires',
      expect.stringMatching(
        /^\+ account ops expires \(last \d+, max 3650, inactive -, expire -; days, chage\)$/,
      ),
    ]);
  });
}, 180_000);

it('takes an account that had expired, and gives it back as it was', async () => {
  await withVps(async (vps) => {
    await ageing(vps, 'useradd -m -G sudo ops && chage -d 0 -M 90 -W 5 -I 7 -E 2020-01-01 ops');
    const before = await inside(vps, 'cat /etc/shadow');
    const failing = await jobFor(vps, {
      firewall: { backend: 'nftables' },
      knock: { interface: 'lo' },
      verify: { attempts: 1 },
    });
    await expect(hardened(failing)).rejects.toThrow('rolled the change back and is as it was');
    expect(await inside(vps, 'cat /etc/shadow')).toBe(before);

    const job = await jobFor(vps, { firewall: { backend: 'nftables' } });
    const sealed = remembered(job, await hardened(job));
    expect(await shadow(vps, 'ops')).toBe('1:0::5::');
    await restoreHost(job, sealed, () => {});
    expect(await inside(vps, 'cat /etc/shadow')).toBe(before);
  });
}, 180_000);
