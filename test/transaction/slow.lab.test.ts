import { describe, expect, it } from 'vitest';
import { slowVps } from '../../lab/slow.ts';
import type { LabVps } from '../../lab/vps.ts';
import { restoreHost } from '../../transaction/restore.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor, remembered } from './fixture.ts';
import { insideNow, installPackages } from './interrupt.ts';

/** The least patience that the configuration allows. */
const verify = { verify: { rollbackSeconds: 30 } };

/** Has the switch take so many seconds more, in which the host is at work. */
const delaySwitch = (vps: LabVps, seconds: number) =>
  inside(
    vps,
    `mkdir -p /run/systemd/system/knockd.service.d
    printf '[Service]\\nExecStartPre=/bin/sleep ${seconds}\\nTimeoutStartSec=300\\n' >/run/systemd/system/knockd.service.d/slow.conf`,
  );

describe.concurrent('a step of the host that takes longer than the deployer may be silent', () => {
  it('is no silence of the deployer', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      // Over the deadline (30 s), and over the patience of whoever waits for the lock then (30 s more).
      await delaySwitch(vps, 68);
      expect((await hardened(await jobFor(vps, verify))).sealedAt).toMatch(/Z$/);
    });
  });

  it('is ended when its own time is over, and the error says which clock ran out', async () => {
    await withVps(async (vps) => {
      await installPackages(vps);
      await delaySwitch(vps, 200);
      const before = await fingerprint(vps);
      const change = hardened(await jobFor(vps, verify), (text) => {
        if (text.startsWith('switching'))
          insideNow(vps, 'sed -i s/^step_seconds=.*/step_seconds=34/ /var/lib/postern/change/payload/plan');
      });
      await expect(change).rejects.toThrow(
        /step "switch".*(ended before the step switch did|ended the step switch before it was done).*is as it was;.*the step switch was still at work after the 34 s.*raise verify\.rollbackSeconds \(now 30\)/s,
      );
      expect(difference(before, await fingerprint(vps))).toEqual([]);
    });
  });
});

// Minutes each: POSTERN_SLOW=1 vitest run --project lab test/transaction/slow.lab.test.ts (npm run slow)
const isWanted = process.env['POSTERN_SLOW'] === '1';
describe.skipIf(!isWanted)('a host with a tenth of a processor', () => {
  it.each(['ufw', 'firewalld', 'iptables', 'nftables'] as const)(
    'is hardened, changed, taken back and given back, %s',
    async (backend) => {
      await withVps(async (vps) => {
        await slowVps(vps, 0.1);
        const laps: string[] = [];
        let last = performance.now();
        const lap = (what: string) => {
          laps.push(`${((performance.now() - last) / 1000).toFixed(1).padStart(6)} s, then: ${what}`);
          last = performance.now();
        };
        const job = await jobFor(vps, { firewall: { backend }, ...verify });
        const sealed = remembered(job, await hardened(job, lap));
        lap('another backend');
        const next = backend === 'firewalld' ? 'nftables' : 'firewalld';
        const other = await jobFor(vps, { firewall: { backend: next }, ...verify }, sealed);
        const again = remembered(other, await hardened(other, lap));
        lap('a change that fails');
        const failing = await jobFor(
          vps,
          { knock: { interface: 'lo' }, verify: { ...verify.verify, attempts: 1 } },
          again,
        );
        await expect(hardened(failing, lap)).rejects.toThrow(/rolled the change back and is as it was/);
        lap('destroy');
        await restoreHost({ ...other, previous: again }, again, lap);
        lap('the end');
        console.log(laps.join('\n'));
        expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
      });
    },
  );
});
