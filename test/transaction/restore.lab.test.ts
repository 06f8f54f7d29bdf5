import { describe, expect, it } from 'vitest';
import { restoreHost } from '../../transaction/restore.ts';
import { makeIdentity, withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, jobFor, remembered } from './fixture.ts';
import { cutPowerNow, insideNow, installPackages, interrupted, recorded } from './interrupt.ts';
import { expectRestored, withSealed } from './restore.ts';

describe('giving a host back', () => {
  it('leaves it as it was before the first change, also after a second one', async () => {
    await withSealed(async (vps, job, sealed, before) => {
      const second = await jobFor(vps, { ssh: { port: 2200, hostKeyGeneration: 1 } }, sealed);
      const again = remembered(second, await hardened(second));
      await restoreHost({ ...second, previous: again }, again, () => {});
      await expectRestored(vps, before);
      expect((await hardened({ ...job, previous: undefined })).sealedAt).toMatch(/Z$/);
    });
  });

  it('does so too when the first change was committed, but could not be sealed before the second', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      const before = await fingerprint(vps);
      const job = await jobFor(vps);
      const unableToSeal = () => insideNow(vps, 'rm /var/lib/postern/agent/seal.sh');
      await interrupted(job, 'committed', unableToSeal);
      expect(await recorded(vps, 'phase')).toBe('committed');
      const sealed = remembered(job, await hardened(job));
      await restoreHost({ ...job, previous: sealed }, sealed, () => {});
      await expectRestored(vps, before);
    });
  });

  it('leaves it sealed when nobody can come in by the first way; a second try succeeds', async () => {
    await withSealed(async (vps, job, sealed, first) => {
      const before = await fingerprint(vps);
      const { publicKey } = await makeIdentity('another-host');
      const stranger = { ...job.initialAccess, hostKeys: [publicKey.split(' ').slice(0, 2).join(' ')] };
      await expect(restoreHost({ ...job, initialAccess: stranger }, sealed, () => {})).rejects.toThrow(
        'is as it was',
      );
      expect(await recorded(vps, 'phase')).toBe('undone');
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      expect(await knockedOpen(vps, job)).toBe(true);
      await restoreHost(job, sealed, () => {});
      await expectRestored(vps, first);
    });
  });

  it('leaves it sealed when the power is cut meanwhile', async () => {
    await withSealed(async (vps, job, sealed) => {
      const report = (text: string) => {
        if (text.startsWith('logging in by the initial access')) cutPowerNow(vps);
      };
      await expect(restoreHost(job, sealed, report)).rejects.toThrow(
        'rolled the change back and is as it was',
      );
      expect(await knockedOpen(vps, job)).toBe(true);
    });
  });
});
