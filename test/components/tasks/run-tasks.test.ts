import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { describe, expect, it, vi } from 'vitest';
import { pinnedKey } from '../../../components/tasks/connection.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { type Outputs, outputs, type Run, SEALED_HOST_KEY, SEQUENCES } from '../program.ts';
import { COMMAND, FIRST, privateKey, SECOND, withTasks } from './with-tasks.ts';

const COPY = 'command:remote:CopyToRemote';

const folder = temporaryFolder();

function connectionOf(run: Run, name: string): Record<string, unknown> {
  return run.one(COMMAND, name).inputs['connection'] as Record<string, unknown>;
}

describe('tasks', () => {
  it('are none by default, and then the engine is not even asked about hooks', async () => {
    const registerHook = vi.fn(() => null);
    const run = await withTasks([], { registerHook });
    expect(run.resources.filter(({ type }) => type.startsWith('command:'))).toEqual([]);
    expect(registerHook).not.toHaveBeenCalled();
  });

  it('run in their order, the first after the host is sealed', async () => {
    const run = await withTasks([FIRST, SECOND, { name: 'third', run: 'true' }]);
    expect(run.one(COMMAND, 'node-1.install').dependsOn).toContain('postern:index:Hardening node-1');
    expect(run.one(COMMAND, 'node-1.start').dependsOn).toContain(`${COMMAND} node-1.install`);
    expect(run.one(COMMAND, 'node-1.third').dependsOn).toContain(`${COMMAND} node-1.start`);
  });

  it('go with their VPS', async () => {
    const run = await withTasks([FIRST]);
    expect(run.one(COMMAND).deletedWith).toBe('test:Vps node-1');
  });

  it('are commands with their triggers in the text, as a trigger of the plugin would replace them', async () => {
    const run = await withTasks([SECOND]);
    const { inputs } = run.one(COMMAND);
    expect(inputs).toMatchObject({
      create: '# triggers: ["v2"]\nsudo systemctl start nginx',
      addPreviousOutputInEnv: false,
    });
    expect(inputs).not.toHaveProperty('triggers');
    expect(run.one(COMMAND).ignoreChanges).toEqual(['triggers']);
    expect(inputs).not.toHaveProperty('update');
    expect(inputs).not.toHaveProperty('delete');
    expect(inputs).not.toHaveProperty('stdin');
  });

  it('have a command of their own for updates where configured, with the triggers', async () => {
    const run = await withTasks([{ ...SECOND, update: 'sudo systemctl restart nginx' }]);
    expect(run.one(COMMAND).inputs).toMatchObject({
      create: 'sudo systemctl start nginx',
      update: '# triggers: ["v2"]\nsudo systemctl restart nginx',
    });
  });

  it('have a resource of its own for their removal, which is run before they go and never replaced', async () => {
    const run = await withTasks([
      { ...FIRST, delete: 'sudo apt-get purge nginx', stdin: 'a password' },
      SECOND,
    ]);
    const removal = run.one(COMMAND, 'node-1.install.removal');
    expect(removal.inputs).toEqual({
      connection: connectionOf(run, 'node-1.install'),
      delete: 'sudo apt-get purge nginx',
      stdin: 'a password',
      logging: 'none',
      addPreviousOutputInEnv: false,
    });
    expect(removal.secrets).toEqual(expect.arrayContaining(['connection', 'stdin']));
    expect(removal.dependsOn).toContain(`${COMMAND} node-1.install`);
    expect(removal.deletedWith).toBe('test:Vps node-1');
    expect(run.one(COMMAND, 'node-1.install').inputs).not.toHaveProperty('delete');
    expect(run.one(COMMAND, 'node-1.start').dependsOn).toContain(`${COMMAND} node-1.install.removal`);
  });

  it('give secrets on stdin and keep what is printed secret', async () => {
    const run = await withTasks([{ ...FIRST, stdin: 'a password' }]);
    const task = run.one(COMMAND);
    expect(task.inputs).toMatchObject({ stdin: 'a password', logging: 'none' });
    expect(task.secrets).toContain('stdin');
    expect(task.additionalSecretOutputs).toEqual(expect.arrayContaining(['stdout', 'stderr']));
  });
});

describe('the connection of a task', () => {
  it('is the sealed door: administrator, SSH port, private key, and the pinned ed25519 host key', async () => {
    const sealed: Outputs = (resource) =>
      resource.type === 'postern:index:Hardening'
        ? { ...outputs(resource), sealed: { hostKeys: ['ssh-rsa AAAArsa', SEALED_HOST_KEY] } }
        : outputs(resource);
    const run = await withTasks([FIRST], {
      stack: { ssh: { port: 2200 }, admin: { user: 'keeper', authorizedKeys: [SEALED_HOST_KEY] } },
      outputs: sealed,
    });
    expect(connectionOf(run, 'node-1.install')).toMatchObject({
      host: '203.0.113.7',
      port: 2200,
      user: 'keeper',
      hostKey: SEALED_HOST_KEY,
      privateKey,
    });
  });

  it('is secret as a whole', async () => {
    const run = await withTasks([FIRST]);
    expect(run.one(COMMAND).secrets).toContain('connection');
  });

  it('names no agent socket: it changes from login to login, and tasks would run again', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '/tmp/ssh-1/agent.1');
    const run = await withTasks([FIRST], { host: { identity: undefined } });
    vi.unstubAllEnvs();
    const connection = connectionOf(run, 'node-1.install');
    expect(connection).not.toHaveProperty('privateKey');
    expect(connection).not.toHaveProperty('agentSocketPath');
  });

  it('holds nothing of the sequences', async () => {
    const run = await withTasks([FIRST, SECOND]);
    const text = JSON.stringify(run.resources.filter(({ type }) => type === COMMAND));
    for (const { port } of [...SEQUENCES.open, ...SEQUENCES.close]) expect(text).not.toContain(String(port));
  });
});

describe('a task that copies', () => {
  const file = join(folder, 'nginx.conf');
  const tree = join(folder, 'site');
  writeFileSync(file, 'worker_processes 1;\n');
  mkdirSync(tree);
  writeFileSync(join(tree, 'index.html'), 'hello\n');

  async function source(copy: string): Promise<unknown> {
    const run = await withTasks([{ name: 'copy', copy, to: '/home/ops/site', triggers: ['v1'] }]);
    const { inputs } = run.one(COPY, 'node-1.copy');
    expect(inputs).toMatchObject({ remotePath: '/home/ops/site', triggers: ['v1'] });
    return inputs['source'];
  }

  it('copies a file', async () => {
    const asset = await source(file);
    expect(asset).toBeInstanceOf(pulumi.asset.FileAsset);
    await expect((asset as pulumi.asset.FileAsset).path).resolves.toBe(file);
  });

  it('copies a folder, or with a slash what is in it', async () => {
    const whole = await source(tree);
    expect(whole).toBeInstanceOf(pulumi.asset.FileArchive);
    await expect((whole as pulumi.asset.FileArchive).path).resolves.toBe(tree);
    const content = await source(`${tree}/`);
    await expect((content as pulumi.asset.FileArchive).path).resolves.toBe(`${tree}/`);
  });

  it('takes its turn among the others and has the same connection', async () => {
    const run = await withTasks([FIRST, { name: 'copy', copy: file, to: '/home/ops/nginx.conf' }, SECOND]);
    const copy = run.one(COPY);
    expect(copy.dependsOn).toContain(`${COMMAND} node-1.install`);
    expect(run.one(COMMAND, 'node-1.start').dependsOn).toContain(`${COPY} node-1.copy`);
    expect(copy.inputs['connection']).toEqual(connectionOf(run, 'node-1.install'));
    expect(copy.secrets).toContain('connection');
  });

  it('is refused when there is nothing to copy', async () => {
    await expect(withTasks([{ name: 'copy', copy: `${folder}/nowhere`, to: '/tmp/x' }])).rejects.toThrow(
      /^Task node-1\.copy cannot copy .*\/nowhere: there is no such file or folder/,
    );
  });
});

describe('tasks are refused', () => {
  it('behind a jump host', async () => {
    const jump = { address: '203.0.113.9', user: 'hop', hostKeys: [SEALED_HOST_KEY] };
    const target = { type: 'existing', address: '203.0.113.7', hostKeys: [SEALED_HOST_KEY], jump };
    await expect(withTasks([FIRST], { host: { target } })).rejects.toThrow(
      /^The tasks of node-1 cannot run: it is reached through a jump host/,
    );
  });

  it('on a host without a key that can be pinned', () => {
    expect(() => pinnedKey('node-1', ['ssh-rsa AAAArsa'])).toThrow(
      'The tasks of node-1 cannot run: it has no ed25519 host key to pin; raise ssh.hostKeyGeneration to have one made.',
    );
  });
});
