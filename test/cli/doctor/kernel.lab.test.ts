import { beforeAll, describe, expect, it } from 'vitest';
import { diagnoseClosedDoor } from '../../../cli/doctor/closed-door.ts';
import { knockState } from '../../../cli/doctor/knock-state.ts';
import { execVps } from '../../../lab/exec.ts';
import type { LabVps } from '../../../lab/vps.ts';
import type { Sequence } from '../../../posture/knock/sequence.ts';
import { sendKnocks } from '../../../remote/knock.ts';
import type { Job } from '../../../transaction/job.ts';
import { shut } from '../../firewall/backends.ts';
import { freshVps } from '../../lab/fixture.ts';
import { front, knockedOpen } from '../../transaction/door.ts';
import { hardened, inside, jobFor } from '../../transaction/fixture.ts';
import { host } from '../fixture.ts';

describe.each(['nftables', 'ufw'] as const)('a door that the kernel on %s should open', (backend) => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { engine: 'kernel' }, firewall: { backend } });
    await hardened(job);
  });

  const ask = async (argv: readonly string[]) => (await execVps(vps, argv)).stdout;
  const places = () =>
    [
      { address: vps.address, from: vps.otherClients[0] ?? '' },
      { address: vps.addressV6, from: vps.otherClientsV6[0] ?? '' },
    ] as const;

  /** What doctor makes of a door that stayed shut after a knock of its own. */
  async function told({ address, from }: { address: string; from: string }, sequence: Sequence) {
    const { open, close } = job.sequences;
    const found = {
      stack: 'devnet',
      host: host('x', { knockEngine: 'kernel', firewall: backend }),
      hosts: [],
      knock: { open, close, openSeconds: 30 },
      totp: undefined,
      candidates: [],
    };
    const since = `@${(await ask(['date', '+%s'])).trim()}`;
    const before = await knockState(ask, open.length);
    await sendKnocks({ address, sequence, sourceAddress: from });
    await front(vps, job, { address, sourceAddress: from });
    const { seen, advice } = await diagnoseClosedDoor(found, { from, connects: true, since, before }, ask);
    return `${seen} ${advice}`;
  }

  it('had taken the first knocks of another sequence, and nothing of a third', async () => {
    const [first, second, third, fourth] = job.sequences.open;
    if (!first || !second || !third || !fourth) throw new Error('four knocks were expected');
    for (const place of places()) {
      expect(await told(place, [first, second, fourth, third])).toMatch(
        /^the kernel counts knocks there, and took 2 of 4 knocks, .*another sequence/,
      );
      // Whoever was let in and is not any more.
      await knockedOpen(vps, job, { address: place.address, sourceAddress: place.from });
      if (backend === 'nftables') await shut(vps);
      expect(await told(place, [{ port: 30_000, protocol: 'tcp' }])).toMatch(/these mean nothing to it/);
      await shut(vps);
    }
  });

  it('did open', async () => {
    for (const place of places())
      expect(await told(place, job.sequences.open)).toMatch(/^it was opened for \S+, and connections/);
  });

  it('has no rules for', async () => {
    // The guard would load them again within seconds.
    await inside(vps, 'systemctl stop postern-guard.timer postern-guard.service');
    await inside(
      vps,
      'nft flush chain inet postern knock 2>/dev/null || { iptables -F POSTERN-KNOCK; ip6tables -F POSTERN-KNOCK; }',
    );
    for (const place of places()) {
      const text = await told(place, job.sequences.open);
      expect(text).toMatch(/no rules in force that count knocks .*systemctl reload postern-firewall/);
    }
    await inside(vps, 'systemctl reload postern-firewall; systemctl start postern-guard.timer');
    await shut(vps);
    const { address, from } = places()[0];
    expect(await knockedOpen(vps, job, { address, sourceAddress: from })).toBe(true);
  });
});
