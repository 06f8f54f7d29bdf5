import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import type { SshTarget } from '../../remote/ssh/target.ts';
import { step } from '../../transaction/agent.ts';
import { freshVps, makeIdentity, ssh } from '../lab/fixture.ts';
import { type Armed, armed, undone } from './armed.ts';
import { inside, jobFor } from './fixture.ts';
import { installPackages } from './interrupt.ts';

describe('the backup door while a change is under way', () => {
  let vps: LabVps;
  let change: Armed;
  let target: SshTarget;
  let session: Session;
  beforeAll(async () => {
    vps = await freshVps();
    await installPackages(vps);
    change = await armed(await jobFor(vps));
    await change.take('packages');
    const hostKey = await change.take('backup');
    target = { ...change.login.route.target, port: 2222, hostKeys: [hostKey] };
    session = await openSession(target, { timeoutSeconds: 15 });
    await step(session, 'candidate', change.plan.id);
    await step(session, 'switch', change.plan.id);
  });
  afterAll(async () => {
    await Promise.all([session.close(), change.login.session.close()]);
  });

  const state = async (address: string, sourceAddress?: string) =>
    (await probeTcp({ address, port: 2222, timeoutMilliseconds: 700, sourceAddress })).state;

  async function expectLogin(): Promise<void> {
    const fresh = await openSession(target, { timeoutSeconds: 15 });
    try {
      expect((await fresh.run({ argv: ['id', '-un'], timeoutSeconds: 10 })).stdout).toBe('root\n');
    } finally {
      await fresh.close();
    }
  }

  it('is open for the deployer, over the family it came by, and for nobody else', async () => {
    expect(await state(vps.address)).toBe('open');
    for (const client of vps.otherClients) expect(await state(vps.address, client), client).toBe('silent');
    expect(await state(vps.addressV6)).toBe('silent');
    for (const client of vps.otherClientsV6)
      expect(await state(vps.addressV6, client), client).toBe('silent');
  });

  it('takes the keys of the change and no password, and no other key', async () => {
    const hostKeys = target.hostKeys;
    const stranger = await makeIdentity('stranger');
    const refused = await ssh(vps, ['true'], { port: 2222, hostKeys, identity: stranger });
    expect(refused).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('Permission denied (publickey)'),
    });
    expect((await ssh(vps, ['id', '-un'], { port: 2222, hostKeys, user: 'ops' })).stdout).toBe('ops\n');
  });

  it('lets in while the main sshd is stopped, masked and without its folder', async () => {
    await inside(
      vps,
      `systemctl kill -s KILL ssh.service
      systemctl stop ssh.service ssh.socket
      systemctl mask ssh.service
      rm -rf /run/sshd 2>/dev/null || :`,
    );
    await expectLogin();
    expect((await session.run({ argv: ['true'], timeoutSeconds: 10 })).code).toBe(0);
  });

  it('comes back when its sshd is killed', async () => {
    const daemon = () => inside(vps, 'systemctl show -p MainPID --value postern-backup.service');
    const killed = await daemon();
    await inside(vps, `kill -9 ${killed.trim()}`);
    // A killed process may still answer for a moment.
    await expect.poll(daemon, { timeout: 10_000 }).not.toMatch(new RegExp(`^(0|${killed.trim()})$`, 'm'));
    await expect.poll(() => state(vps.address), { timeout: 10_000 }).toBe('open');
    await expectLogin();
  });

  it('stays open over a reload of the firewall', async () => {
    await inside(vps, 'ufw reload');
    expect(await state(vps.address)).toBe('open');
    expect(await state(vps.address, vps.otherClients[0])).toBe('silent');
  });

  it('goes with the undo, which brings back a main sshd that was masked and killed', async () => {
    await undone(vps);
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
    expect(await state(vps.address)).toBe('refused');
    expect(await inside(vps, 'find /etc/ssh /etc/systemd/system -name "*postern*"')).toBe('');
  });
});
