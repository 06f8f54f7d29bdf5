import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_RELEASE, ensureBase } from '../../lab/base.ts';
import { runProgram } from '../../lab/program.ts';

it('on a machine of its own, with pure cgroup v2, the last host takes everything with it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-alone-'));
  try {
    const base = await ensureBase(DEFAULT_RELEASE);
    const home = path.join(folder, 'home');
    await Promise.all([mkdir(home), mkdir(path.join(folder, 'run'))]);
    await symlink(path.dirname(base), path.join(home, 'base'));
    // Ready-made host keys, as a lab has them that has been in use.
    await symlink(path.join(base, '../../spare-keys'), path.join(home, 'spare-keys'));
    const program = [process.execPath, path.join(import.meta.dirname, 'alone.ts')];
    const result = await runProgram(
      [
        'env',
        `POSTERN_LAB_HOME=${home}`,
        path.join(import.meta.dirname, 'alone.sh'),
        path.join(folder, 'run'),
        ...program,
      ],
      { timeoutSeconds: 120 },
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const { before, during, after, state, controllers } = JSON.parse(result.stdout);

    expect({ state, controllers }).toEqual({ state: 'running', controllers: 'cgroup2fs' });
    expect(during.cgroups).toContain('/sys/fs/cgroup/postern1/payload/init.scope');
    expect(during.routes).toContainEqual(
      expect.stringMatching(/^unreachable 10\.213\.0\.0\/16 metric 4294967295/),
    );
    expect(during.routes).toContainEqual(
      expect.stringMatching(/^unreachable fd0a:d213::\/32 .*metric 4294967295/),
    );
    expect(during.rules).toContainEqual(expect.stringMatching(/iif postern1 unreachable/));
    expect(during.mounts).toContainEqual(expect.stringMatching(/^postern-lab \/run\/systemd\/nspawn tmpfs/));

    // Folders that stay: the locks', and those of iproute2 and nspawn.
    const stays = [
      '/run/netns',
      '/run/postern-lab',
      '/run/postern-lab/lock',
      '/run/postern-lab/last-index',
      '/run/postern-lab/lock/machine',
    ];
    expect(after.run).toEqual([...before.run, ...stays, '/run/systemd', '/run/systemd/nspawn'].sort());
    // Mounts of other labs on the real machine may vanish meanwhile, with their mount points.
    expect(after.mounts.filter((mount: string) => !before.mounts.includes(mount))).toEqual([]);
    expect({ ...after, run: [], mounts: [] }).toEqual({ ...before, run: [], mounts: [] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
