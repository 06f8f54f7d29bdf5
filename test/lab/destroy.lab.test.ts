import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { destroyOwner, destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { collectGarbage } from '../../lab/garbage.ts';
import { hostFolder } from '../../lab/home.ts';
import { listIds, listVps } from '../../lab/list.ts';
import { startTime } from '../../lab/process.ts';
import { freshVps, owner } from './fixture.ts';
import { indexOf, leftoversOf, processesOf } from './leftovers.ts';

it('destroying a host leaves nothing of it', async () => {
  const vps = await freshVps({ name: 'gone' });
  const index = (await indexOf(vps)) ?? '';
  const processes = await processesOf(index);
  expect(processes.length).toBeGreaterThan(5);
  // The check itself must see what there is.
  const before = await leftoversOf(vps, index);
  for (const trace of [
    /link\/ether/,
    /lookup|unreachable/,
    /cgroup/,
    /\/root overlay/,
    /^process/,
    /hosts\/.*\/gone$/,
  ]) {
    expect(before, String(trace)).toContainEqual(expect.stringMatching(trace));
  }

  await destroyVps(vps);
  expect(await leftoversOf(vps, index)).toEqual([]);
  for (const pid of processes) expect(await startTime(pid), `process ${pid}`).toBeUndefined();
  expect(await listVps(owner)).toEqual([]);
  await destroyVps(vps);
});

it('destroys a host that somebody is still looking into', async () => {
  const vps = await freshVps({ name: 'busy' });
  const index = (await indexOf(vps)) ?? '';
  const looker = spawn('sleep', ['60'], { cwd: path.join(vps.root, 'root') });
  const inside = execVps(vps, ['sleep', '60']);
  await sleep(200);
  await destroyVps(vps);
  expect((await inside).code).not.toBe(0);
  expect(await leftoversOf(vps, index)).toEqual([]);
  looker.kill('SIGKILL');
});

it('cleans up after a creator that was killed at any moment', async () => {
  const program = path.join(import.meta.dirname, 'creator.ts');
  const id = { owner, name: 'half' };
  for (const milliseconds of [120, 180, 240, 300, 360, 450, 600, 900]) {
    // Every second one makes a disk too.
    const disk = milliseconds % 120 === 0 ? ['64'] : [];
    const creator = spawn(process.execPath, [program, id.owner, id.name, ...disk], {
      detached: true,
      stdio: 'ignore',
    });
    const exited = once(creator, 'exit');
    await sleep(milliseconds);
    // The whole group, its shell programs included; the supervisor has a session of its own and lives.
    if (creator.pid !== undefined && creator.exitCode === null) process.kill(-creator.pid, 'SIGKILL');
    await exited;
    const index = await indexOf(id);
    await destroyVps(id);
    if (index !== undefined)
      expect(await leftoversOf(id, index), `killed after ${milliseconds} ms`).toEqual([]);
    expect(await indexOf(id)).toBeUndefined();
    expect(await listIds(owner)).toEqual([]);
  }
});

it('garbage collection removes the hosts of a dead test process, and no others', async () => {
  const program = path.join(import.meta.dirname, 'creator.ts');
  const living = await freshVps({ name: 'living' });
  const livingIndex = (await indexOf(living)) ?? '';
  const shell = spawn('sleep', ['100']);
  const dead = { owner: `test-${shell.pid}-${await startTime(shell.pid ?? 0)}`, name: 'orphan' };
  const creator = spawn(process.execPath, [program, dead.owner, dead.name], { stdio: 'inherit' });
  expect(await once(creator, 'exit')).toEqual([0, null]);

  await collectGarbage();
  // It outlives the process that made it.
  expect(await listVps(dead.owner)).toMatchObject([{ name: 'orphan', power: 'on' }]);
  shell.kill('SIGKILL');
  await once(shell, 'exit');
  const index = (await indexOf(dead)) ?? '';
  await collectGarbage();
  expect(await leftoversOf(dead, index)).toEqual([]);
  expect(await listVps(owner)).toMatchObject([{ name: 'living', power: 'on' }]);
  await destroyOwner(owner);
  expect(await leftoversOf(living, livingIndex)).toEqual([]);
});

it('garbage collection finds a host whose folder somebody removed', async () => {
  const vps = await freshVps({ name: 'folderless' });
  const index = (await indexOf(vps)) ?? '';
  const processes = await processesOf(index);
  await execVps(vps, ['true']);
  await rm(path.join(hostFolder(vps), 'supervisor'));
  await rm(path.join(hostFolder(vps), 'nspawn'));
  // As after `rm -rf` over the folder: the index is claimed, its processes run, and nothing says whose they are.
  const aside = `${hostFolder(vps)}-aside`;
  await rename(hostFolder(vps), aside);
  await collectGarbage();
  for (const pid of processes) expect(await startTime(pid), `process ${pid}`).toBeUndefined();
  expect(await indexOf(vps)).toBeUndefined();
  await destroyVps({ owner, name: 'folderless-aside' });
  expect(await leftoversOf({ owner, name: 'folderless-aside' }, index)).toEqual([]);
});
