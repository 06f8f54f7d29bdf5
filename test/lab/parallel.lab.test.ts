import { expect, it } from 'vitest';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { bootCount, waitForBoot } from '../../lab/ready.ts';
import { clientIdentity, freshVps, owner, ssh, withVps } from './fixture.ts';

let attempt = 0;

// Once more with other hosts: seen once, on a machine at its limit, that one of six did not come up three times over.
it('makes six hosts at once, each with its own address and identity', { retry: 1 }, async () => {
  attempt += 1;
  const names = [1, 2, 3, 4, 5, 6].map((n) => `six-${attempt}-${n}`);
  const hosts = await Promise.all(names.map((name) => freshVps({ name })));
  for (const property of ['address', 'addressV6', 'root'] as const) {
    expect(new Set(hosts.map((vps) => vps[property])).size, property).toBe(6);
  }
  expect(new Set(hosts.flatMap((vps) => vps.hostKeys)).size).toBe(18);
  const machineIds = await Promise.all(
    hosts.map(async (vps) => (await execVps(vps, ['cat', '/etc/machine-id'])).stdout),
  );
  expect(new Set(machineIds).size).toBe(6);
  const hostnames = await Promise.all(hosts.map(async (vps) => (await ssh(vps, ['hostname'])).stdout.trim()));
  expect(hostnames).toEqual(names);
  await Promise.all(hosts.map(destroyVps));
});

it('makes one host when two ask for the same at once', async () => {
  const { publicKey } = await clientIdentity();
  const options = { owner, name: 'same', authorizedKeys: [publicKey] };
  const [one, other] = await Promise.all([createVps(options), createVps(options)]);
  expect(one).toEqual(other);
  expect(await bootCount(one)).toBe(1);
  await destroyVps(one);
});

it('keeps hosts apart: a unit stopped and a rule set in one leave the other as it is', async () => {
  await withVps(async (one) => {
    await withVps(async (other) => {
      await Promise.all([one, other].map((vps) => waitForBoot(vps)));
      await execVps(one, ['systemctl', 'stop', 'rsyslog', 'cron', 'user.slice']);
      await execVps(one, ['iptables', '-P', 'INPUT', 'DROP']);
      expect((await execVps(other, ['systemctl', 'is-active', 'rsyslog', 'cron'])).stdout).toBe(
        'active\nactive\n',
      );
      expect((await execVps(other, ['iptables', '-S', 'INPUT'])).stdout).toBe('-P INPUT ACCEPT\n');
      expect((await ssh(other, ['true'])).code).toBe(0);
      expect((await ssh(one, ['true'])).code).toBe(255);
    });
  });
});
