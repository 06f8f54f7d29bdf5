import { readdir, readFile } from 'node:fs/promises';
import { createVps } from '../../lab/create.ts';
import { destroyVps } from '../../lab/destroy.ts';
import { execVps } from '../../lab/exec.ts';
import { powerCut } from '../../lab/power.ts';
import { runProgram } from '../../lab/program.ts';
import { waitForBoot, waitForSsh } from '../../lab/ready.ts';

/**
 * `alone.sh FOLDER node alone.ts`: with a machine of its own, a host's whole life, and everything that the machine had
 * before, while and after, as JSON on standard output.
 */
const id = { owner: 'alone', name: 'only' };

async function machineState(): Promise<Record<string, string[]>> {
  const lines = async (...argv: string[]) => (await runProgram(argv)).stdout.trim().split('\n');
  return {
    mounts: (await readFile('/proc/mounts', 'utf8')).trim().split('\n'),
    links: (await lines('ip', '-o', 'link')).map((line) => line.split(':')[1]?.trim() ?? ''),
    routes: [...(await lines('ip', 'route')), ...(await lines('ip', '-6', 'route'))],
    rules: [...(await lines('ip', 'rule')), ...(await lines('ip', '-6', 'rule'))],
    namespaces: await lines('ip', 'netns', 'list'),
    cgroups: await lines('find', '/sys/fs/cgroup', '-type', 'd'),
    run: (await lines('find', '/run', '-mindepth', '1')).sort(),
    hosts: await readdir(`${process.env.POSTERN_LAB_HOME}/hosts`).catch(() => []),
    // The maker of spare host keys may still be at it; it ends by itself.
    processes: (await lines('ps', '-A', '-o', 'args='))
      .filter((args) => !/spare-keys|ssh-keygen/.test(args))
      .sort(),
  };
}

const before = await machineState();
const vps = await createVps({ ...id, authorizedKeys: [] });
await powerCut(vps);
await waitForSsh(vps);
await waitForBoot(vps);
const state = (await execVps(vps, ['systemctl', 'is-system-running'])).stdout.trim();
const controllers = (await execVps(vps, ['stat', '-f', '-c', '%T', '/sys/fs/cgroup'])).stdout.trim();
const during = await machineState();
await destroyVps(id);
console.log(JSON.stringify({ before, during, after: await machineState(), state, controllers }));
