import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { type Armed, armed, undone } from './armed.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { inside, jobFor } from './fixture.ts';
import { installPackages, recorded } from './interrupt.ts';

const SLOW_RM = readFileSync(join(import.meta.dirname, 'slow-rm.sh'), 'utf8');

/** A host with a firewall of its owner's, and what it looks like. */
async function withFirewall(use: (vps: LabVps, before: string[]) => Promise<void>): Promise<void> {
  await withVps(async (vps) => {
    await installPackages(vps);
    await inside(
      vps,
      `ufw allow 22/tcp && ufw --force enable
      nft 'add table inet mine; add chain inet mine in { type filter hook input priority 5; }; add rule inet mine in tcp dport 9 drop'`,
    );
    await use(vps, await fingerprint(vps));
  });
}

/** A change that is armed and whose deployer is gone. */
async function abandoned(vps: LabVps, ...steps: string[]): Promise<Armed> {
  const change = await armed(await jobFor(vps));
  for (const verb of steps) await change.take(verb);
  await change.login.session.close();
  return change;
}

const ofRules = (line: string) => line.startsWith('nft ') || /^[+-]nft /.test(line);

describe('half a snapshot', () => {
  it('of a rollback that was killed while it threw it away does not wipe the firewall', async () => {
    await withFirewall(async (vps, before) => {
      await abandoned(vps, 'packages', 'backup', 'candidate', 'switch');
      await inside(vps, 'systemctl stop postern-undo.timer; echo test >/var/lib/postern/change/undo-now');
      await execVps(vps, ['sh', '-c', 'cat >/usr/local/sbin/rm && chmod 755 /usr/local/sbin/rm'], {
        stdin: SLOW_RM,
      });
      await inside(vps, 'setsid -w sh /var/lib/postern/agent/agent.sh expire || :');
      expect(await inside(vps, 'ls /usr/local/sbin')).toBe('');
      expect(await recorded(vps, 'phase')).toBe('undoing');
      await undone(vps);
      expect(await recorded(vps, 'errors')).toBe('');
      expect(difference(before, await fingerprint(vps))).toEqual([]);
      expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
      expect(await inside(vps, 'find /var/lib/postern -name "*.gone"')).toBe('');
    });
  });

  const damages = ['rm live.v4', ': >live.sums', 'rm live.sums', ': >live.v4', 'rm live.* nft.*'];
  it.each(damages.slice(0, LONG ? damages.length : 1))(
    'leaves the rules that are in force, and says so: %s',
    async (damage) => {
      await withFirewall(async (vps, before) => {
        await abandoned(vps);
        await inside(vps, `cd /var/lib/postern/change/snapshot && ${damage}`);
        await undone(vps);
        expect(await recorded(vps, 'errors')).toContain('rollback_rules');
        const now = await fingerprint(vps);
        expect(difference(before.filter(ofRules), now.filter(ofRules))).toEqual([]);
        expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
      });
    },
  );
});
