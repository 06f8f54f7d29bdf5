import { describe, expect, it } from 'vitest';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import { CommittedUnsealedError } from '../../transaction/error.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { LONG } from '../long.ts';
import { knockedOpen } from './door.ts';
import { hardened, inside, remembered } from './fixture.ts';
import { interrupted, reaches, recorded } from './interrupt.ts';
import { dropTowardsNow } from './outage.ts';
import { expectRestored, forgets, killedRestore, withSealed } from './restore.ts';

describe.concurrent('a restore whose deployer is killed', () => {
  const phases = ['arming the rollback', 'restoring the snapshot', 'logging in by the initial access'];
  it.each([...(LONG ? phases : []), 'committing the restore'])(
    'before the commit: the host is sealed again, a change converges, and a second try restores (%s)',
    async (until) => {
      await withSealed(async (vps, job, sealed, before) => {
        await killedRestore(job, sealed, until);
        // Killed while it says so, it has not armed anything yet.
        if (until !== 'arming the rollback') await reaches(vps, 'undone', 90);
        expect(await knockedOpen(vps, job)).toBe(true);
        const again = { ...job, previous: sealed };
        const now = remembered(again, await hardened(again));
        await restoreHost(job, now, () => {});
        await expectRestored(vps, before);
      });
    },
  );

  it('after the commit: the host forgets Postern by itself', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      await killedRestore(job, sealed, 'having the host remove');
      expect(await recorded(vps, 'operation')).toBe('restore');
      expect(await recorded(vps, 'phase')).toBe('committed');
      await forgets(vps);
      await expectRestored(vps, before);
      // As a second `destroy` does, whose state knows nothing of it.
      await restoreHost(job, sealed, () => {});
      const again = { ...job, previous: sealed };
      expect((await hardened(again)).sealedAt).toMatch(/Z$/);
    });
  });

  it('after the commit: whoever comes at once finds the host restored', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      await killedRestore(job, sealed, 'having the host remove');
      const again = { ...job, previous: sealed };
      const now = remembered(again, await hardened(again));
      expect(await knockedOpen(vps, job)).toBe(true);
      await killedRestore(job, now, 'having the host remove');
      await restoreHost(job, now, () => {});
      await expectRestored(vps, before);
    });
  });

  it('after the commit, and the host rebooted: it forgets Postern once it is up', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      await killedRestore(job, sealed, 'having the host remove');
      const boots = await bootCount(vps);
      await inside(vps, 'systemctl reboot').catch(() => {});
      await waitForBoot(vps, { afterBoot: boots });
      await forgets(vps);
      // Installed and never booted with, ufw's unit was inactive.
      const booted = before.map((line) =>
        line.startsWith('unit ufw.service ') ? line.replace(/ inactive$/, ' active') : line,
      );
      await expectRestored(vps, booted);
    });
  });
});

describe.concurrent('an answer of the host is believed', () => {
  it('a change that it committed is kept, though it is not heard again', async () => {
    await withSealed(async (vps, job, sealed) => {
      let back = async () => {};
      const again = { ...job, previous: sealed };
      const { error } = await interrupted(again, 'committed', () => {
        back = dropTowardsNow(vps, '1-65535');
      });
      expect(error).toBeInstanceOf(CommittedUnsealedError);
      expect(error?.message).toContain('had already committed the change and keeps it');
      await reaches(vps, 'sealed', 60);
      await back();
    });
  });

  it('a restore that it committed is one, though it is not heard again', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      let back = async () => {};
      await restoreHost(job, sealed, (text) => {
        if (text.startsWith('having the host remove')) back = dropTowardsNow(vps, '1-65535');
      });
      await forgets(vps);
      await back();
      await expectRestored(vps, before);
    });
  });
});
