import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { ping } from '../../remote/ping.ts';
import { openSession } from '../../remote/ssh/session.ts';
import { frontDoorRoute } from '../../transaction/connect.ts';
import type { Job } from '../../transaction/job.ts';
import { freshVps } from '../lab/fixture.ts';
import { probeUdp } from '../remote/probe-udp.ts';
import { front, knocked, knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';
import { scanTcp } from './scan.ts';

const OPEN_SECONDS = 5;

describe('the timed door of a sealed host', () => {
  let vps: LabVps;
  let job: Job;
  beforeAll(async () => {
    vps = await freshVps();
    job = await jobFor(vps, { knock: { openSeconds: OPEN_SECONDS } });
    await hardened(job);
  });

  const shut = () => inside(vps, 'for list in /proc/net/xt_recent/postern?; do echo / >$list; done');
  const families = () => [
    { address: vps.address, others: vps.otherClients },
    { address: vps.addressV6, others: vps.otherClientsV6 },
  ];

  it.each([0, 1])(
    'opens for the address that knocked and for no other, shuts when told (family %i)',
    async (n) => {
      const { address, others } = families()[n] ?? { address: '', others: [] };
      const [knocker = '', bystander = ''] = others;
      await shut();
      expect(await knockedOpen(vps, job, { address, sourceAddress: knocker })).toBe(true);
      expect(await front(vps, job, { address, sourceAddress: bystander })).toBe('silent');
      expect(await front(vps, job, { address, sourceAddress: knocker })).toBe('open');
      const close = job.sequences.close ?? [];
      const from = { address, sourceAddress: knocker };
      expect(await knocked(vps, job, close, 'silent', from)).toBe(true);
    },
  );

  it.each(['systemctl stop knockd.service', 'systemctl kill -s KILL knockd.service'])(
    'shuts by itself, also after %s',
    async (accident) => {
      await shut();
      expect(await knockedOpen(vps, job)).toBe(true);
      await inside(vps, accident);
      await sleep(OPEN_SECONDS * 1000 + 300);
      expect(await front(vps, job)).toBe('silent');
      await inside(vps, 'systemctl start knockd.service');
    },
  );

  it('keeps a session that came in while it was open', async () => {
    expect(await knockedOpen(vps, job)).toBe(true);
    const session = await openSession(frontDoorRoute(job, job, vps.hostKeys).target, { timeoutSeconds: 15 });
    try {
      await shut();
      expect(await front(vps, job)).toBe('silent');
      expect((await session.run({ argv: ['id', '-u'], timeoutSeconds: 10 })).stdout).toBe('0\n');
    } finally {
      await session.close();
    }
  });

  it.each(['KILL', 'TERM', 'SEGV', 'INT'])('opens again soon after knockd got SIG%s', async (signal) => {
    await shut();
    await inside(vps, `kill -${signal} $(systemctl show -p MainPID --value knockd.service)`);
    await sleep(200);
    expect(await knockedOpen(vps, job)).toBe(true);
  });

  it.each([
    'ufw reload',
    'ufw --force disable && ufw --force enable',
    'systemctl restart ufw.service',
    'systemctl restart postern-firewall.service',
    'systemctl restart knockd.service',
    'systemctl restart ssh.service',
  ])('works, and is shut without a knock, after %s', async (command) => {
    await inside(vps, command);
    await shut();
    expect(await front(vps, job)).toBe('silent');
    expect(await front(vps, job, { address: vps.addressV6 })).toBe('silent');
    expect(await knockedOpen(vps, job)).toBe(true);
    expect(await knockedOpen(vps, job, { address: vps.addressV6 })).toBe(true);
  });

  it('is not to be seen: a scan of all ports finds the served ones alone', async () => {
    await shut();
    const served = job.posture.firewall.rules.map(({ port }) => String(port));
    for (const { address, others } of families()) {
      expect(await scanTcp(address), address).toEqual(served);
      expect(await scanTcp(address, others[0]), `${address} from ${others[0]}`).toEqual(served);
      expect(await front(vps, job, { address })).toBe('silent');
      for (const port of [53, 111, 123, 161, 500, 1900, 5353]) {
        expect(await probeUdp({ address, port, timeoutMilliseconds: 150 }), `udp ${port}`).toBe('silent');
      }
      expect(await ping(address)).toBe('silent');
    }
  });
});
