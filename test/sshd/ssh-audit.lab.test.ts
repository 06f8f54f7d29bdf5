import { beforeAll, describe, expect, it } from 'vitest';
import { auditSsh, installSshAudit, POLICIES, passesPolicy } from '../../bench/scorecard/ssh-audit.ts';
import { RELEASES } from '../../lab/base.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Job } from '../../transaction/job.ts';
import { withVps } from '../lab/fixture.ts';
import { knockedOpen } from '../transaction/door.ts';
import { hardened, jobFor, remembered } from '../transaction/fixture.ts';

beforeAll(installSshAudit);

describe.each(RELEASES)('ssh-audit of a sealed %s', (release) => {
  const { policy, profile } = POLICIES[release];
  const wish = { ssh: { port: 2200, hostKeyGeneration: 1 }, knock: { openSeconds: 120 } };

  /** With its door open. */
  async function at(vps: LabVps, job: Job): Promise<[string, number]> {
    expect(await knockedOpen(vps, job)).toBe(true);
    return [vps.address, job.posture.ssh.port];
  }

  it('finds no failure with the defaults, and the policy of the release passes', async () => {
    await withVps(
      async (vps) => {
        let job = await jobFor(vps, wish);
        const sealed = remembered(job, await hardened(job));
        expect((await auditSsh(...(await at(vps, job)))).fail).toEqual([]);
        if (profile !== 'modern') {
          job = await jobFor(vps, { ...wish, ssh: { ...wish.ssh, profile } }, sealed);
          await hardened(job);
        }
        const { passed, said } = await passesPolicy(...(await at(vps, job)), policy);
        expect(passed, said).toBe(true);
      },
      { release },
    );
  });
});
