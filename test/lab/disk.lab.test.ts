import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVps, resetVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { fillDisk, freeDisk, makeDiskReadOnly, stallDisk } from '../../lab/disk.ts';
import { execVps } from '../../lab/exec.ts';
import { hostFolder } from '../../lab/home.ts';
import { powerCut } from '../../lab/power.ts';
import { bootCount, waitForBoot, waitForSsh } from '../../lab/ready.ts';
import type { LabVps } from '../../lab/vps.ts';
import { clientIdentity, freshVps, owner, ssh, withVps } from './fixture.ts';
import { indexOf, leftoversOf } from './leftovers.ts';

describe('a lab VPS with a disk of its own', () => {
  let vps: LabVps;
  beforeAll(async () => {
    vps = await freshVps({ name: 'disk', disk: { mebibytes: 128 } });
  });
  beforeEach(async () => {
    await run('sync');
  });

  it('is a VPS like any other, as big as its disk', async () => {
    expect(vps.disk).toEqual({ mebibytes: 128 });
    expect((await ssh(vps, ['systemctl', 'is-system-running'])).stdout).toBe('running\n');
    expect((await execVps(vps, ['systemctl', '--failed', '--no-legend'])).stdout).toBe('');
    const kibibytes = Number((await run('df', '--output=size', '/')).split('\n')[1]);
    expect(kibibytes).toBeGreaterThan(90 * 1024);
    expect(kibibytes).toBeLessThan(129 * 1024);
    // Between overlay and disk: what a package manager does all the time.
    await run(
      'sh',
      '-c',
      'cp /usr/bin/true /usr/bin/true.new && mv /usr/bin/true.new /usr/bin/true && /usr/bin/true',
    );
  });

  it('loses at a power cut what was not synced, and nothing else', async () => {
    await run('sh', '-c', 'echo old >/root/replaced; sync');
    await write(
      'echo synced >/root/synced; sync /root /root/synced; echo new >/root/replaced; echo lost >/root/unsynced',
    );
    const before = await bootCount(vps);
    await powerCut(vps);
    await waitForSsh(vps, { afterBoot: before });
    await waitForBoot(vps);
    expect(await run('cat', '/root/synced')).toBe('synced');
    expect(await run('sh', '-c', 'cat /root/replaced /root/unsynced 2>/dev/null || :')).not.toMatch(
      /new|lost/,
    );
    expect((await ssh(vps, ['true'])).code).toBe(0);
  });

  it('keeps all that it wrote at a reboot', async () => {
    await write('echo kept >/root/unsynced');
    const before = await bootCount(vps);
    await run('systemctl', 'reboot');
    await waitForSsh(vps, { afterBoot: before });
    await waitForBoot(vps);
    expect(await run('cat', '/root/unsynced')).toBe('kept');
  });

  it('can be full, and free again', async () => {
    await run('sh', '-c', 'echo old >/root/there');
    await fillDisk(vps);
    const full = await write('head -c 100000 /dev/zero >/root/more');
    expect(full.stderr).toContain('No space left on device');
    await freeDisk(vps);
    expect(await run('sh', '-c', 'cat /root/there; head -c 1000000 /dev/zero >/root/more')).toBe('old');
    await fillDisk(vps, 1024);
    expect((await write('head -c 800000 /dev/zero >/root/little')).code).toBe(0);
    expect((await write('head -c 1200000 /dev/zero >/root/much; sync')).stderr).toContain('No space left');
    await freeDisk(vps);
  });

  it('can be read-only until the next boot, also for files that are open', async () => {
    await makeDiskReadOnly(vps);
    expect((await write('echo more >/root/more')).stderr).toContain('Read-only file system');
    expect((await ssh(vps, ['cat', '/etc/hostname'])).stdout).toBe('disk\n');
    const before = await bootCount(vps);
    await powerCut(vps);
    await waitForSsh(vps, { afterBoot: before });
    expect((await write('echo more >/root/more')).stderr).toBe('');
  });

  it('is written to by nobody but the present boot, though somebody keeps the file system of the one before alive', async () => {
    const image = () => statSync(join(hostFolder(vps), 'disk.img')).ino;
    const before = { boots: await bootCount(vps), image: image() };
    const kept = openSync(join(hostFolder(vps), 'root/etc/hostname'), 'r');
    try {
      await run('sh', '-c', 'echo synced >/root/synced; sync');
      await makeDiskReadOnly(vps);
      await powerCut(vps);
      await waitForSsh(vps, { afterBoot: before.boots });
    } finally {
      closeSync(kept);
    }
    // What is kept alive writes the last that it holds into the other.
    expect(image()).not.toBe(before.image);
    expect(await run('cat', '/root/synced')).toBe('synced');
  });

  it('can stall', async () => {
    const resume = await stallDisk(vps);
    const begin = performance.now();
    const writing = write('echo late >/root/late');
    const reading = await run('cat', '/etc/hostname');
    expect(reading).toBe('disk');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await resume();
    expect((await writing).code).toBe(0);
    expect(performance.now() - begin).toBeGreaterThan(1400);
    expect(await run('cat', '/root/late')).toBe('late');
  });

  it('is empty after a reset, as big as before', async () => {
    await write('echo gone >/root/mark; sync');
    expect(await resetVps(vps)).toEqual(vps);
    expect((await execVps(vps, ['ls', '/root/mark'])).code).not.toBe(0);
  });

  async function run(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await execVps(vps, argv);
    expect({ code, stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  }

  function write(command: string) {
    return execVps(vps, ['sh', '-c', command]);
  }
});

it('nothing is left of a disk, also when it stalls while its host is destroyed', async () => {
  const vps = await freshVps({ name: 'disk-gone', disk: { mebibytes: 64 } });
  const index = (await indexOf(vps)) ?? '';
  expect(await leftoversOf(vps, index)).toContainEqual(expect.stringMatching(/^loop device .*disk\.img/));
  await stallDisk(vps);
  const writing = execVps(vps, ['sh', '-c', 'echo x >/root/x']);
  await destroyVps(vps);
  await writing;
  expect(await leftoversOf(vps, index)).toEqual([]);
});

it('a host is not taken for one with another disk', async () => {
  await withVps(async (vps) => {
    const { publicKey } = await clientIdentity();
    const again = { owner, name: vps.name, authorizedKeys: [publicKey] };
    await expect(createVps({ ...again, disk: { mebibytes: 64 } })).rejects.toThrow(
      'exists with no disk of its own; destroy it first to have it with a disk of 64 MiB',
    );
    await expect(fillDisk(vps)).rejects.toThrow("shares this machine's disk");
    await expect(createVps({ ...again, name: 'other', disk: { mebibytes: 1.5 } })).rejects.toThrow('1.5 MiB');
  });
});
