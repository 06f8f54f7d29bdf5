import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { harden } from '../../transaction/harden.ts';
import { listen } from '../firewall/backends.ts';
import { freshVps } from '../lab/fixture.ts';
import { front, knockedOpen } from './door.ts';
import { difference, fingerprint } from './fingerprint.ts';
import { hardened, inside, jobFor } from './fixture.ts';

const RULES = { foreignRules: 'keep', rules: [{ port: 9002, purpose: 'relay' }] };

describe('a host with a firewall, doors, programs and accounts of its owner’s', () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps();
    await listen(vps, [9001, 9002]);
    await inside(
      vps,
      `apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install ufw knockd
      ufw default allow incoming; ufw default deny outgoing; ufw allow out 53
      ufw allow from ${vps.otherClients[0]}; ufw allow in on host0; ufw --force enable
      printf '[gate]\\n  sequence = 1000,2000\\n  command = /usr/local/bin/gate\\n' >>/etc/knockd.conf
      useradd -m -s /bin/bash git && install -d -m 700 -o git /home/git/.ssh
      cp /root/.ssh/authorized_keys /home/git/.ssh/`,
      120,
    );
  });

  it('is refused by name what would be cut off or overwritten, before anything is written', async () => {
    const before = await fingerprint(vps);
    const job = await jobFor(vps, { firewall: { ...RULES, unlisted: 'refuse' } });
    const error = await hardened(job).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      message: expect.stringContaining('cut them off: tcp 9001 (python3). Put'),
    });
    expect(error).toMatchObject({
      message: expect.stringContaining('/etc/knockd.conf would be overwritten'),
    });
    expect(error).toMatchObject({ message: expect.stringContaining('nothing was written') });
    expect(difference(before, await fingerprint(vps))).toEqual([]);
  });

  it('keeps its policy for outgoing packets; its rules open no held door, wherever they come', async () => {
    await inside(vps, 'mv /etc/knockd.conf /root/');
    const job = await jobFor(vps, { knock: { door: 'held' }, firewall: RULES });
    const warned: string[] = [];
    await harden(
      job,
      () => {},
      undefined,
      (words) => warned.push(words),
    );
    expect(warned).toContainEqual(expect.stringContaining('tcp 9001 (python3)'));
    expect(warned).toContainEqual(expect.stringContaining('no longer will: git (one key)'));
    expect(await inside(vps, 'iptables -S OUTPUT; ufw status verbose')).toMatch(
      /^-P OUTPUT DROP.*deny \(outgoing\)/s,
    );
    const other = { sourceAddress: vps.otherClients[0] };
    expect(await front(vps, job)).toBe('silent');
    expect(await front(vps, job, other)).toBe('silent');
    // As a program does that puts its own rule before everybody's whenever it starts.
    await inside(vps, 'iptables -I INPUT -j ACCEPT && iptables -S INPUT 1 | grep -q -e "-j ACCEPT"');
    expect(await front(vps, job, other)).toBe('silent');
    expect(await knockedOpen(vps, job)).toBe(true);
    expect(await front(vps, job, other)).toBe('silent');
    await expect.poll(() => inside(vps, 'iptables -S INPUT 1'), { timeout: 20_000 }).toContain('-j POSTERN');
    expect(await knockedOpen(vps, job)).toBe(true);
    // Whoever it has told to load the rules goes on, and would find them gone halfway.
    await inside(
      vps,
      'systemctl stop postern-guard.timer postern-guard.service; flock /run/postern-closed.lock iptables -t security -F',
    );
    expect(await inside(vps, 'sh /usr/local/lib/postern/closed check; iptables -t security -S')).toContain(
      '-j POSTERN-BACKSTOP',
    );
  });
});
