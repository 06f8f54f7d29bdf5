import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { installPackages, interrupted, type Moment, recorded } from './interrupt.ts';

const DISK = readFileSync(join(import.meta.dirname, 'disk.sh'), 'utf8');

async function disk(vps: LabVps, what: 'small' | 'fill' | 'free'): Promise<void> {
  const { code, stderr } = await execVps(vps, ['sh', '-c', DISK, 'disk', what]);
  if (code !== 0) throw new Error(`disk ${what}: ${stderr}`);
}

describe('a full disk', () => {
  it('is refused before anything is touched, and what was begun is taken away', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      await disk(vps, 'small');
      const before = await fingerprint(vps);
      // Room for the bundle, which is received first, but not for the change.
      await inside(vps, 'head -c 4100000 /dev/zero >/var/lib/postern/filler');
      await expect(hardened(await jobFor(vps))).rejects.toThrow(
        /The rollback could not be armed.*No space left/s,
      );
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      expect(
        await inside(vps, 'ls /var/lib/postern; ls -d /var/lib/postern.next.* 2>/dev/null || :'),
      ).not.toMatch(/change|record|next/);
      await disk(vps, 'free');
      expect((await hardened(await jobFor(vps))).sealedAt).toMatch(/Z$/);
    });
  });

  it.each(
    (LONG ? ['armed', 'the candidate is proven', 'switched'] : ['switched']) satisfies readonly Moment[],
  )('does not keep a change from being undone: %s', async (moment) => {
    await withVps(async (vps) => {
      await installPackages(vps);
      await disk(vps, 'small');
      const before = await fingerprint(vps);
      const stop = new AbortController();
      const fill = async () => {
        await disk(vps, 'fill');
        stop.abort();
      };
      const { error } = await interrupted(await jobFor(vps), moment, fill, stop.signal);
      expect(error?.message).toContain('rolled the change back and is as it was');
      expect(await recorded(vps, 'errors')).toBe('');
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
    });
  });
});
