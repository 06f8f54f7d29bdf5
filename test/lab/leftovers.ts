import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { hostFolder, type VpsId } from '../../lab/home.ts';
import { startTime } from '../../lab/process.ts';
import { runProgram } from '../../lab/program.ts';

/** Where a host's network index is recorded. */
const CLAIMS = '/run/postern-lab/hosts';

/** The network index of a host, or undefined if it has none. */
export async function indexOf(id: VpsId): Promise<string | undefined> {
  for (const index of await readdir(CLAIMS).catch(() => [])) {
    if ((await readlink(path.join(CLAIMS, index)).catch(() => '')) === hostFolder(id)) return index;
  }
  return undefined;
}

/** PIDs of all processes that belong to the host with this index: its supervisor, nspawn, and all that run inside. */
export async function processesOf(index: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
    // A zombie waits for PID 1 to read its status; nothing of it runs.
    if ((await startTime(Number(pid))) === undefined) continue;
    if (new RegExp(`/postern${index}(\\.scope)?(/|$)`, 'm').test(cgroup)) found.push(Number(pid));
  }
  return found;
}

/** Everything on this machine that a host with this index and folder has or had; empty once it is destroyed. */
export async function leftoversOf(id: VpsId, index: string): Promise<string[]> {
  const lines = async (...argv: string[]) => (await runProgram(argv)).stdout.split('\n');
  const name = new RegExp(`(^|\\W)postern${index}p?(\\W|$)`);
  const seen = [
    ...(await lines('ip', '-o', 'link')),
    ...(await lines('ip', 'netns', 'list')),
    ...(await lines('ip', 'rule')),
    ...(await lines('ip', '-6', 'rule')),
    ...(await lines('ip', 'route', 'show', 'table', 'all')),
    ...(await lines('ip', '-6', 'route', 'show', 'table', 'all')),
    ...(await lines('find', '/sys/fs/cgroup', '-type', 'd', '-name', `postern${index}`)),
    ...(await lines(
      'find',
      '/run/netns',
      '/run/systemd/nspawn',
      '-maxdepth',
      '2',
      '-name',
      `postern${index}`,
    )),
  ].filter((line) => name.test(line));
  const mounts = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(hostFolder(id)));
  const loops = (await lines('sh', '-c', 'grep -H . /sys/block/loop*/loop/backing_file 2>/dev/null || :'))
    .filter((line) => line.includes(`${hostFolder(id)}/`))
    .map((line) => `loop device ${line}`);
  const processes = await Promise.all(
    (await processesOf(index)).map(async (pid) => {
      const details = ['comm', 'stat', 'cgroup'].map((file) =>
        readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
      );
      return `process ${pid}: ${(await Promise.all(details)).join(' ').trim().replaceAll('\n', ' ')}`;
    }),
  );
  const folder = hostFolder(id);
  const files = [folder, path.join(path.dirname(folder), `.${id.name}.new`)].filter((file) =>
    existsSync(file),
  );
  return [...seen, ...mounts, ...loops, ...processes, ...files];
}
