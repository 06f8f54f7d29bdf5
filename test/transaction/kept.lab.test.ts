import { describe, expect, it } from 'vitest';
import { inspect } from '../../transaction/drift/inspect.ts';
import { CommittedUnsealedError } from '../../transaction/error.ts';
import type { Previous } from '../../transaction/job.ts';
import { withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { type Ending, insideNow, interrupted, reaches, recorded } from './interrupt.ts';

const verify = { verify: { rollbackSeconds: 30 } };

/** What the engine is given to remember of a change whose end was not seen. */
function kept({ error }: Ending): CommittedUnsealedError {
  if (error instanceof CommittedUnsealedError) return error;
  throw new Error(`not kept: ${error?.message}`);
}

describe('a change that was committed and could not be sealed', () => {
  it('is remembered with its new host keys and sequence, by which the next change comes in', async () => {
    await withVps(async (vps) => {
      const first = await jobFor(vps);
      const before = remembered(first, await hardened(first));
      const second = await jobFor(vps, { ssh: { port: 2200, hostKeyGeneration: 1 } }, before);
      const unableToSeal = () => insideNow(vps, 'rm /var/lib/postern/agent/seal.sh');
      const { message, sealed } = kept(await interrupted(second, 'committed', unableToSeal));
      expect(message).toContain('had already committed the change and keeps it');
      expect(await recorded(vps, 'phase')).toBe('committed');
      expect(sealed.verifiedV6).toBe(true);
      expect(sealed.evidence.length).toBeGreaterThan(5);
      for (const key of before.hostKeys) expect(sealed.hostKeys).not.toContain(key);

      const entered: string[] = [];
      const now: Previous = remembered(second, sealed);
      const again = await hardened({ ...second, previous: now }, (text) => entered.push(text));
      expect(entered[0]).toBe('logged in by the knocked front door, ops on port 2200');
      expect(again.hostKeys).toEqual(sealed.hostKeys);
      expect(await recorded(vps, 'phase')).toBe('sealed');
    });
  });

  it('because a rule for the backup port stays is sealed later, by the host, when the rule is gone', async () => {
    await withVps(async (vps) => {
      const job = await jobFor(vps, verify);
      const holdRules = () =>
        insideNow(
          vps,
          `printf '#!/bin/sh\\ncase "$*" in *" -D INPUT -j POSTERN-BACKUP") echo held by another program >&2; exit 4 ;; esac\\nexec /usr/sbin/iptables "$@"\\n' >/usr/local/sbin/iptables
          chmod 755 /usr/local/sbin/iptables`,
        );
      const { message, sealed } = kept(await interrupted(job, 'committed', holdRules));
      expect(message).toContain('iptables still has a rule for the backup port: held by another program');
      expect(await recorded(vps, 'phase')).toBe('committed');
      expect(await inside(vps, 'ss -Hltn "sport = :2222"')).toBe('');
      await inside(vps, 'rm /usr/local/sbin/iptables');
      await reaches(vps, 'sealed', 60);
      expect(await inside(vps, 'iptables-save')).not.toContain('POSTERN-BACKUP');
      expect(await inspect(job, remembered(job, sealed), () => {})).toEqual([]);
      expect(await knockedOpen(vps, job)).toBe(true);
    });
  });
});
