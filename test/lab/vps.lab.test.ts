import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { listVps } from '../../lab/list.ts';
import { waitForBoot } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { clientIdentity, freshVps, makeIdentity, owner, ssh } from './fixture.ts';

const PASSWORD = "correct horse: 'battery' $taple";

describe('a fresh lab VPS', () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps({ name: 'fresh', rootPassword: PASSWORD });
  });
  afterAll(() => destroyVps(vps));

  it('lets root in by key over IPv4 and IPv6, showing the pinned host key', async () => {
    for (const address of [vps.address, vps.addressV6]) {
      expect(await ssh(vps, ['id', '-un'], { address })).toMatchObject({ code: 0, stdout: 'root\n' });
    }
  });

  it('shows each of its three host keys, ed25519 first', async () => {
    const types = vps.hostKeys.map((key) => key.split(' ')[0]);
    expect(types).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
    for (const hostKey of vps.hostKeys) {
      expect((await ssh(vps, ['true'], { hostKeys: [hostKey] })).code).toBe(0);
    }
  });

  it('is refused by a client that pinned another key', async () => {
    const { publicKey } = await makeIdentity('another-host');
    const result = await ssh(vps, ['true'], { hostKeys: [publicKey.split(' ').slice(0, 2).join(' ')] });
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('Host key verification failed');
  });

  it('refuses a key that is not authorized', async () => {
    const result = await ssh(vps, ['true'], { identity: await makeIdentity('stranger') });
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('Permission denied (publickey,password)');
  });

  it("takes root's password, and no other", async () => {
    expect(await ssh(vps, ['id', '-un'], { password: PASSWORD })).toMatchObject({
      code: 0,
      stdout: 'root\n',
    });
    expect((await ssh(vps, ['true'], { password: 'wrong' })).code).not.toBe(0);
  });

  it('is a booted Debian 12 of its own name, with nothing failed', async () => {
    await waitForBoot(vps);
    expect(await inside('systemctl', 'is-system-running')).toBe('running');
    expect(await inside('hostname')).toBe('fresh');
    expect(await inside('sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"')).toBe('bookworm');
    expect(await inside('cat', '/etc/machine-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has no firewall, and the tools to make one', async () => {
    expect(await inside('nft', 'list', 'ruleset')).toBe('');
    expect(await inside('iptables', '-S')).toBe('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT');
    expect(await inside('sysctl', '-w', 'net.ipv4.conf.all.rp_filter=1')).toContain('= 1');
    expect((await execVps(vps, ['sh', '-c', 'command -v ufw knockd firewall-cmd'])).code).not.toBe(0);
  });

  it.each(['/proc/sys/kernel/panic', '/proc/sys/vm/swappiness', '/sys/kernel/mm/ksm/run'])(
    'cannot write a setting of this machine’s kernel: %s',
    async (setting) => {
      const result = await execVps(vps, ['sh', '-c', `cat ${setting} >${setting}`]);
      expect(result.code).not.toBe(0);
      expect(result.stderr).toContain('Read-only file system');
    },
  );

  it('has no way out: what it sends beyond its network is lost', async () => {
    const result = await execVps(vps, ['ping', '-c1', '-W1', '-n', '192.0.2.77']);
    expect(result.code).not.toBe(0);
    expect(await inside('ip', 'route', 'show', 'default')).toContain(`default via ${vps.gateway} dev eth0`);
  });

  it('serves other clients on this machine as well', async () => {
    for (const source of [...vps.otherClients, vps.gateway]) {
      const result = await execVps(vps, ['ping', '-c1', '-W2', '-n', source]);
      expect(result.code, source).toBe(0);
    }
    for (const source of [...vps.otherClientsV6, vps.gatewayV6]) {
      expect((await execVps(vps, ['ping', '-c1', '-W2', '-n', source])).code, source).toBe(0);
    }
  });

  it('passes arguments and input to a program inside as they are', async () => {
    const odd = ['a b\'c"d', '$HOME', '', '-x', 'ü\n'];
    const { stdout } = await execVps(vps, ['python3', '-c', 'import sys; print(sys.argv[1:])', ...odd]);
    expect(stdout).toBe(
      `${`["a b'c\\"d", '$HOME', '', '-x', 'ü\\n']`.replace(/^\["a b'c\\"d"/, `['a b\\'c"d'`)}\n`,
    );
    expect(await execVps(vps, ['cat'], { stdin: 'in\0put' })).toMatchObject({ code: 0, stdout: 'in\0put' });
    expect((await execVps(vps, ['sh', '-c', 'exit 7'])).code).toBe(7);
  });

  it('ends a program that overruns its time, inside too', async () => {
    await expect(execVps(vps, ['sleep', '4242'], { timeoutSeconds: 0.5 })).rejects.toThrow(/did not end/);
    expect((await execVps(vps, ['pgrep', '-f', 'sleep 4242'])).code).toBe(1);
  });

  it('shows its files from outside', async () => {
    await execVps(vps, ['sh', '-c', 'echo seen >/root/mark']);
    expect(await readFile(path.join(vps.root, 'root/mark'), 'utf8')).toBe('seen\n');
  });

  it('is returned as it is when created again, and listed', async () => {
    const { publicKey } = await clientIdentity();
    expect(await createVps({ owner, name: 'fresh', authorizedKeys: [publicKey] })).toEqual(vps);
    expect(await inside('cat', '/root/mark')).toBe('seen');
    expect(await listVps(owner)).toEqual([{ ...vps, power: 'on' }]);
  });

  it('is not silently kept when another release is asked for', async () => {
    const again = createVps({ owner, name: 'fresh', release: 'trixie', authorizedKeys: [] });
    await expect(again).rejects.toThrow(/exists with bookworm; destroy it first/);
  });

  it('installs knockd and ufw with apt, and both work', async () => {
    const apt = 'apt-get -qq update && apt-get install -qq -y knockd ufw >/dev/null';
    await inside('sh', '-c', `export DEBIAN_FRONTEND=noninteractive; ${apt}`);
    await inside('sh', '-c', 'ufw allow 22/tcp && ufw --force enable');
    expect(await inside('ufw', 'status', 'verbose')).toContain('Default: deny (incoming)');
    expect(await inside('ufw', 'status')).toContain('22/tcp (v6)');
    await inside('systemctl', 'start', 'knockd');
    expect(await inside('systemctl', 'is-active', 'knockd')).toBe('active');
    expect((await ssh(vps, ['true'])).code).toBe(0);
  });

  async function inside(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await execVps(vps, argv);
    expect({ code, stderr: code === 0 ? '' : stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  }
});

it('conflicting packages are on offer too', async () => {
  const vps = await freshVps({ name: 'offers' });
  await execVps(vps, ['apt-get', '-qq', 'update']);
  const offered = [
    'firewalld',
    'iptables-persistent',
    'fwknop-server',
    'fail2ban',
    'ipset',
    'libpam-google-authenticator',
  ];
  for (const name of offered) {
    const { code, stderr } = await execVps(vps, ['apt-get', '-qq', '-y', '--simulate', 'install', name]);
    expect({ code, stderr }, name).toEqual({ code: 0, stderr: '' });
  }
  await destroyVps(vps);
});
