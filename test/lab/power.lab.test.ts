import { beforeAll, describe, expect, it } from 'vitest';
import { createVps, resetVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { listVps } from '../../lab/list.ts';
import { powerCut } from '../../lab/power.ts';
import { runProgram } from '../../lab/program.ts';
import { bootCount, waitForBoot, waitForSsh } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { clientIdentity, freshVps, owner, ssh } from './fixture.ts';
import { indexOf, processesOf } from './leftovers.ts';

describe("a lab VPS's power", () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps({ name: 'power' });
  });

  /** Leaves a mark on disk and one in the kernel's firewall. */
  async function leaveMarks(mark: string): Promise<void> {
    await run('sh', '-c', `echo ${mark} >/root/mark; nft add table inet ${mark}`);
    expect(await run('nft', 'list', 'tables')).toContain(mark);
  }

  async function expectRebooted(mark: string, before: number): Promise<void> {
    await waitForSsh(vps, { afterBoot: before });
    await waitForBoot(vps);
    expect(await bootCount(vps)).toBe(before + 1);
    expect(await run('cat', '/root/mark')).toBe(mark);
    expect(await run('nft', 'list', 'tables')).toBe('');
    expect(await ssh(vps, ['systemctl', 'is-system-running'])).toMatchObject({
      code: 0,
      stdout: 'running\n',
    });
    expect((await ssh(vps, ['true'], { address: vps.addressV6 })).code).toBe(0);
  }

  it('comes back from a reboot from inside: same files and keys, no firewall rules', async () => {
    await leaveMarks('rebooted');
    const before = await bootCount(vps);
    await ssh(vps, ['systemctl', 'reboot']);
    await expectRebooted('rebooted', before);
  });

  it('comes back from a power cut in the same way', async () => {
    await leaveMarks('cut');
    const before = await bootCount(vps);
    await powerCut(vps);
    await expectRebooted('cut', before);
  });

  it('is silent while it is off, its packets never take the default route, and it boots when created again', async () => {
    await leaveMarks('off');
    await run('systemctl', 'poweroff');
    await expect.poll(async () => (await listVps(owner))[0]?.power, { timeout: 20_000 }).toBe('off');
    expect(await execVps(vps, ['true'])).toMatchObject({ code: 125 });
    for (const address of [vps.address, vps.addressV6]) {
      const { stdout } = await runProgram(['ip', 'route', 'get', address]);
      expect(stdout).toContain(`dev postern${vps.address.split('.')[2]}`);
    }
    const result = await ssh(vps, ['true']);
    expect(result.stderr).toMatch(/timed out|No route to host/);

    const { publicKey } = await clientIdentity();
    expect(await createVps({ owner, name: 'power', authorizedKeys: [publicKey] })).toEqual(vps);
    await expectRebooted('off', 0);
  });

  it('comes back at its address with its files after this machine restarted', async () => {
    await leaveMarks('machine');
    const index = (await indexOf(vps)) ?? '';
    // What a restart takes: processes, namespaces, mounts and /run; not the folder.
    for (const pid of await processesOf(index)) process.kill(pid, 'SIGKILL');
    for (const argv of [
      ['ip', 'link', 'delete', `postern${index}`],
      ['ip', 'netns', 'delete', `postern${index}`],
      ['umount', '--lazy', vps.root],
      ['rm', `/run/postern-lab/hosts/${index}`],
    ]) {
      expect((await runProgram(argv)).code, argv.join(' ')).toBe(0);
    }
    expect(await listVps(owner)).toEqual([{ ...vps, power: 'off' }]);
    const neighbour = await freshVps({ name: 'neighbour' });
    expect(neighbour.address).not.toBe(vps.address);

    const { publicKey } = await clientIdentity();
    expect(await createVps({ owner, name: 'power', authorizedKeys: [publicKey] })).toEqual(vps);
    await destroyVps(neighbour);
    await expectRebooted('machine', 0);
  });

  it('is as created after a reset, with the same address and keys', async () => {
    await leaveMarks('before-reset');
    expect(await resetVps(vps)).toEqual(vps);
    expect((await execVps(vps, ['ls', '/root/mark'])).code).not.toBe(0);
    expect((await ssh(vps, ['nft', 'list', 'tables'])).stdout).toBe('');
  });

  it('gives up on a host that cannot boot and says what its console said', async () => {
    await run(
      'sh',
      '-c',
      'rm -f /sbin/init /lib/systemd/systemd; printf "#!/bin/sh\\nexit 1\\n" >/lib/systemd/systemd; chmod +x /lib/systemd/systemd',
    );
    await powerCut(vps).catch(() => {});
    await expect.poll(async () => (await listVps(owner))[0]?.power, { timeout: 30_000 }).toBe('failed');
    await expect(waitForSsh(vps)).rejects.toThrow(/does not stay up.*Its console/s);
  });

  async function run(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await execVps(vps, argv);
    expect({ code, stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  }
});
