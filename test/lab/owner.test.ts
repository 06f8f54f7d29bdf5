import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ownerIsDead, projectOwner, testOwner } from '../../lab/owner.ts';
import { startTime } from '../../lab/process.ts';

it('gives each project folder its own owner, always the same', async () => {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(path.join(tmpdir(), 'postern-'))));
  const owners = folders.map((folder) => projectOwner(folder));
  expect(new Set(owners).size).toBe(2);
  expect(projectOwner(`${folders[0]}/.`)).toBe(owners[0]);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

it('knows a living test process and a dead one', async () => {
  const child = spawn('sleep', ['60']);
  const owner = `test-${child.pid}-${await startTime(child.pid ?? 0)}-abc123`;
  expect(await ownerIsDead(owner)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await ownerIsDead(owner)).toBe(true);
});

it('takes a process that has the PID of a dead one for another', async () => {
  expect(await ownerIsDead(await testOwner())).toBe(false);
  expect(await ownerIsDead(`test-${process.pid}-1`)).toBe(true);
});

it('never takes a project for dead', async () => {
  expect(await ownerIsDead('project-0123456789')).toBe(false);
  expect(await ownerIsDead('test-net')).toBe(false);
});
