import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LabVps } from '../../../lab/vps.ts';
import { freshVps } from '../../lab/fixture.ts';
import { inside } from '../../remote/lab.ts';
import { configurationsIn } from '../../yaml-blocks.ts';
import type { EngineStack } from './engine-stack.ts';
import { tasksStack } from './tasks-stack.ts';

const files = mkdtempSync(join(tmpdir(), 'postern-examples-'));
afterAll(() => rmSync(files, { recursive: true }));

interface Example {
  readonly copy?: string;
  readonly stdin?: unknown;
}

/** The tasks of a document, word for word; secrets as Pulumi decrypts them, and files of the project in a folder of ours. */
function examplesIn(document: string): object[] {
  const text = readFileSync(join(import.meta.dirname, '../../..', document), 'utf8');
  const tasks = configurationsIn(text).flatMap((config) => (config['postern:tasks'] ?? []) as Example[]);
  expect(tasks.length).toBeGreaterThan(0);
  return tasks.map((task) => ({
    ...task,
    ...(task.copy === undefined ? {} : { copy: localFile(task.copy) }),
    ...(typeof task.stdin === 'object' ? { stdin: 'a secret' } : {}),
  }));
}

function localFile(path: string): string {
  const file = join(files, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `This is ${path}.\n`);
  return file;
}

describe('the tasks that the documents show', () => {
  let vps: LabVps;
  let engine: EngineStack;
  let tasks: object[] = [];

  beforeAll(async () => {
    vps = await freshVps();
    engine = await tasksStack(vps, () => tasks);
    vi.stubEnv('POSTERN_REMOVES_TASKS', 'yes');
  });
  afterAll(() => vi.unstubAllEnvs());

  async function up(wanted: object[]): Promise<void> {
    tasks = wanted;
    await engine.stack.up();
  }

  it('docs/tasks.md: run as they are, and their removal too', async () => {
    await up(examplesIn('docs/tasks.md'));
    await expect(inside(vps, 'cat /etc/node/node.conf')).resolves.toBe('This is files/node.conf.\n');
    await expect(inside(vps, 'cat /etc/node/passphrase; stat -c %a /etc/node/passphrase')).resolves.toBe(
      'a secret600\n',
    );
    await up([]);
    await inside(vps, 'test ! -e /etc/node/passphrase');
  });

  it('docs/configuration.md: run as they are, and their removal too', async () => {
    await up(examplesIn('docs/configuration.md'));
    await expect(inside(vps, 'cat /etc/motd')).resolves.toBe('This is files/motd.\n');
    await inside(vps, 'command -v ipset');
    await up([]);
    await inside(vps, '! command -v ipset');
  });
});
