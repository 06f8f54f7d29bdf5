import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ensureBase } from '../../lab/base.ts';
import { programPath, runProgram } from '../../lab/program.ts';

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'postern-base-'));
  log = path.join(folder, 'runs');
  await mkdir(path.join(folder, 'bin'));
  await symlink(path.join(import.meta.dirname, 'mmdebstrap'), path.join(folder, 'bin/mmdebstrap'));
  // The image cache also sees to spare host keys, which are not the point here.
  await symlink('/bin/false', path.join(folder, 'bin/ssh-keygen'));
  vi.stubEnv('PATH', `${folder}/bin:${process.env.PATH}`);
  vi.stubEnv('POSTERN_LAB_HOME', path.join(folder, 'home'));
  vi.stubEnv('FAKE_LOG', log);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const runs = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1;

it('builds an image once, with progress, and finds it after that', async () => {
  const progress: string[] = [];
  const base = await ensureBase('bookworm', (line) => progress.push(line));
  expect(await readFile(path.join(base, 'root/etc/whole'), 'utf8')).toBe('whole\n');
  expect(progress).toEqual(['building the bookworm image', 'extracting archives']);
  expect(await ensureBase('bookworm', (line) => progress.push(line))).toBe(base);
  expect(progress).toHaveLength(2);
  expect(await runs()).toBe(1);
  expect(await ensureBase('trixie')).not.toBe(base);
});

it('is built once when two processes want it at once', async () => {
  vi.stubEnv('FAKE_SECONDS', '1');
  const cli = [process.execPath, programPath('base-cli.ts')];
  const results = await Promise.all([runProgram(cli), runProgram(cli)]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(results.map(({ stdout }) => stdout).join('')).toContain('waiting for another build of bookworm');
  expect(await runs()).toBe(1);
  expect(await runProgram(cli)).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('a killed build counts for nothing and the next one succeeds', async () => {
  vi.stubEnv('FAKE_SECONDS', '30');
  const build = spawn(process.execPath, [programPath('base-cli.ts')], { stdio: 'ignore' });
  await expect.poll(runs, { timeout: 10_000 }).toBe(1);
  // The shell program leads a group of its own.
  const group = Number(await readFile(`/proc/${build.pid}/task/${build.pid}/children`, 'utf8'));
  build.kill('SIGKILL');
  await once(build, 'exit');
  process.kill(-group, 'SIGKILL');

  vi.stubEnv('FAKE_SECONDS', '0');
  const base = await ensureBase('bookworm');
  expect(existsSync(path.join(base, 'root/etc/whole'))).toBe(true);
  const images = (await readdir(path.dirname(base), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  expect(images.map(({ name }) => name)).toEqual([path.basename(base)]);
});

it('a failed build says what failed and where the log is, and leaves no image', async () => {
  vi.stubEnv('FAKE_STATUS', '25');
  await expect(ensureBase('bookworm')).rejects.toThrow(/bookworm\.log.*the mirror is on fire/s);
  const entries = await readdir(path.join(folder, 'home/base'));
  expect(entries.sort()).toEqual(['bookworm.lock', 'bookworm.log']);
});

it('refuses a release that it does not know', async () => {
  const result = await runProgram([process.execPath, programPath('base-cli.ts'), 'potato']);
  expect(result).toMatchObject({
    code: 1,
    stderr: 'no such release: potato; there are bookworm, trixie, bullseye\n',
  });
});
