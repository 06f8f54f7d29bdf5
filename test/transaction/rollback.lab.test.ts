import { describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Job } from '../../transaction/job.ts';
import { clientIdentity, makeIdentity, ssh, withVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, type Sections } from './fixture.ts';
import { dropTowards } from './outage.ts';

/** With the packages there, whatever a change leaves behind shows. */
async function prepare(vps: LabVps): Promise<void> {
  await inside(vps, 'apt-get -q update && apt-get -q -y --no-install-recommends install ufw knockd');
}

/** A change that fails: it says what it saw, and the host is byte for byte what it was. */
async function expectRollback(vps: LabVps, job: Job, saying: RegExp): Promise<void> {
  const before = await fingerprint(vps);
  const error = await hardened(job).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error?.message).toMatch(saying);
  expect(error?.message).toContain('rolled the change back and is as it was');
  expect(difference(before, await fingerprint(vps))).toEqual([]);
  expect((await probeTcp({ address: vps.address, port: 22, timeoutMilliseconds: 1000 })).state).toBe('open');
  expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
}

async function failing(
  sections: Sections,
  saying: RegExp,
  sabotage?: (vps: LabVps) => Promise<unknown>,
): Promise<void> {
  await withVps(async (vps) => {
    await prepare(vps);
    await sabotage?.(vps);
    await expectRollback(vps, await jobFor(vps, sections), saying);
  });
}

describe('a change that fails leaves the host as it was', () => {
  it('when knockd does not start', async () => {
    await failing({}, /step "switch" failed: .*knockd does not start/s, (vps) =>
      inside(
        vps,
        "mkdir -p /etc/systemd/system/knockd.service.d && printf '[Service]\\nExecStartPre=/bin/false\\n' >/etc/systemd/system/knockd.service.d/broken.conf",
      ),
    );
  });

  // The contract of each firewall has it, too.
  it.runIf(LONG)('when a firewall on the way drops the knocks', async () => {
    await withVps(async (vps) => {
      await prepare(vps);
      const restore = await dropTowards(vps, '7000-32767');
      try {
        await expectRollback(
          vps,
          await jobFor(vps),
          /after the right sequence .*: expected open, saw still closed/,
        );
      } finally {
        await restore();
      }
    });
  });

  it('when the key that the deployer has is not authorized', async () => {
    const stranger = await makeIdentity('stranger');
    await failing(
      { admin: { authorizedKeys: [stranger.publicKey] } },
      /step "candidate sshd" failed: .*Permission denied \(publickey\)/s,
    );
  });

  it.runIf(LONG)('when knockd listens on the wrong interface', async () => {
    await failing(
      { knock: { interface: 'lo' } },
      /after the right sequence .*: expected open, saw still closed/,
    );
  });

  it('when the packages were not there before: they stay, inert, and nothing else does', async () => {
    await withVps(async (vps) => {
      const before = await fingerprint(vps);
      const job = await jobFor(vps, { knock: { interface: 'lo' } });
      await expect(hardened(job)).rejects.toThrow('rolled the change back');
      const left = difference(before, await fingerprint(vps));
      expect(left.filter((line) => line.startsWith('-'))).toEqual(
        left.filter((line) => /^-unit (ufw|knockd)\.service/.test(line)),
      );
      expect(left.filter((line) => /postern|passwd|nft|listen|sshd|sudoers/.test(line))).toEqual([]);
      expect(left.filter((line) => line.startsWith('+unit knockd'))).toEqual([
        expect.stringMatching(/ inactive$/),
      ]);
      expect((await inside(vps, 'ufw status')).trim()).toBe('Status: inactive');
      expect((await ssh(vps, ['id', '-un'], { identity: await clientIdentity() })).stdout).toBe('root\n');
    });
  });
});
