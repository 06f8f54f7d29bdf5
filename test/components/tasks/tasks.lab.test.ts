import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '@pulumi/pulumi/automation/index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../../lab/vps.ts';
import { probeTcp } from '../../../remote/probe.ts';
import { freshVps } from '../../lab/fixture.ts';
import { inside } from '../../remote/lab.ts';
import { tasksStack } from './tasks-stack.ts';

describe('tasks of a sealed host', () => {
  let vps: LabVps;
  let stack: Stack;
  let folder: string;
  let tasks: object[] = [];

  beforeAll(async () => {
    vps = await freshVps();
    ({ stack, folder } = await tasksStack(vps, () => tasks));
  });

  async function up(wanted: object[]): Promise<string> {
    tasks = wanted;
    return stack.up().then(
      ({ stdout }) => stdout,
      (error) => String(error),
    );
  }

  async function frontDoor(): Promise<string> {
    const { state } = await probeTcp({ address: vps.address, port: 22, timeoutMilliseconds: 500 });
    return state;
  }

  it('run through the knocked door, in order, with their stdin, and leave it closed', async () => {
    const said = await up([
      { name: 'first', run: 'cat > first; date +%s%N >> first', stdin: 'a secret\n' },
      { name: 'second', run: 'tail -n 1 first; sudo id -un' },
    ]);
    expect(said).toContain('created');
    await expect(frontDoor()).resolves.toBe('silent');
    const first = await inside(vps, 'cat /home/ops/first');
    expect(first).toMatch(/^a secret\n\d+\n$/);
    const { deployment } = await stack.exportStack();
    const second = deployment.resources.find(({ urn }: { urn: string }) =>
      urn.endsWith(`::${vps.name}.second`),
    );
    expect(second.outputs.stdout).toBe(`${first.split('\n')[1]}\nroot`);
    const state = readFileSync(join(folder, '.pulumi/stacks/postern/tasks.json'), 'utf8');
    expect(['a secret', 'PRIVATE KEY'].filter((words) => state.includes(words))).toEqual([]);
  });

  it('do not run again when nothing changed', async () => {
    const before = await inside(vps, 'cat /home/ops/first');
    const said = await up(tasks);
    expect(said).toContain('unchanged');
    await expect(inside(vps, 'cat /home/ops/first')).resolves.toBe(before);
  });

  it('leave the door closed when they fail as well', async () => {
    const said = await up([{ name: 'first', run: 'echo no >&2; exit 3' }]);
    expect(said).toContain('exit status 3: no');
    await expect(frontDoor()).resolves.toBe('silent');
  });

  it('knock for their removal too', async () => {
    const kept = { name: 'kept', run: 'true' };
    await up([kept, { name: 'gone', run: 'touch there', delete: 'rm there; touch gone' }]);
    await inside(vps, 'test -e /home/ops/there');
    expect(await up([kept])).toContain('deleted');
    await inside(vps, 'test ! -e /home/ops/there && test -e /home/ops/gone');
    await expect(frontDoor()).resolves.toBe('silent');
  });
});
