import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hardening } from '../../../components/resources.ts';
import { runTasks } from '../../../components/tasks/run-tasks.ts';
import { resolved } from '../program.ts';
import { type EngineStack, engineStack } from './engine-stack.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';
import { privateKey } from './with-tasks.ts';

const hosts = mkdtempSync(join(tmpdir(), 'postern-task-life-'));
afterAll(() => rmSync(hosts, { recursive: true }));

/** A host that is a folder of this machine, in which the stand-in of the command plugin runs what it is told. */
class FolderHost extends pulumi.CustomResource {
  declare readonly sealed: pulumi.Output<{ hostKeys: string[] }>;
  declare readonly sequences: pulumi.Output<FakeHost['sequences']>;

  constructor(keys: string[], sequences: FakeHost['sequences']) {
    super('command:test:Vps', 'node-1', { keys, sequences, sealed: undefined });
  }
}

describe('what the engine and the command plugin make of tasks', () => {
  let door: FakeHost;
  let engine: EngineStack;
  let tasks: object[];
  let vps: string;
  let isOwn: boolean;

  /** Afresh for each test: one stack that has run these tasks on one VPS. */
  beforeEach(async () => {
    door = await fakeHost();
    [vps, isOwn, tasks] = [`vps${Date.now()}`, true, []];
    engine = await engineStack(
      async () => {
        const hostKeys = [`ssh-ed25519 ${vps}`];
        const host = new FolderHost(hostKeys, door.sequences);
        const configured = resolved({
          ...{ name: 'node-1', identity: { privateKey }, tasks, ssh: { port: door.port } },
        });
        const way = host.sealed.apply((sealed) => ({
          ...{ address: '127.0.0.1', port: 22, user: 'root', hostKeys: sealed?.hostKeys ?? [] },
        }));
        const hardening = host as unknown as Hardening;
        await runTasks({ host: configured, way, hardening, vps: isOwn ? host : undefined }, {});
      },
      { STAND_IN_HOSTS: hosts },
    );
  });

  async function up(...wanted: object[]): Promise<string> {
    tasks = wanted;
    return engine.stack.up().then(
      ({ stdout }) => stdout,
      (error) => String(error),
    );
  }

  /** What was run on the VPS so far, in order. */
  function commands(): string[] {
    const log = join(hosts, vps, 'commands');
    return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  }

  it('a changed trigger runs the task again, or its `update`, and never its `delete`', async () => {
    const plain = { name: 'plain', run: 'true plain', delete: 'true remove plain' };
    const updated = { name: 'updated', run: 'true install', update: 'true upgrade', delete: 'true purge' };
    await up({ ...plain, triggers: ['1'] }, { ...updated, triggers: ['1'] });
    expect(commands()).toEqual(['true plain', 'true install']);
    await up({ ...plain, triggers: ['2'] }, { ...updated, triggers: ['2'] });
    expect(commands().slice(2)).toEqual(['true plain', 'true upgrade']);
    await up({ ...plain, triggers: ['2'] });
    expect(commands().slice(4)).toEqual(['true purge']);
  });

  it('one under another name is refused in the preview, and can be renamed in the state, which runs nothing', async () => {
    const task = { run: 'true install', delete: 'true purge', triggers: ['1'] };
    await up({ name: 'old', ...task });
    tasks = [{ name: 'new', ...task }];
    const preview = await engine.stack.preview().then(() => 'accepted', String);
    const [said, ...urns] =
      /npx pulumi state rename '(\S+)' node-1\.new && npx pulumi state rename '(\S+)' node-1\.new\.removal\./.exec(
        preview,
      ) ?? [];
    expect(said, preview).toBeDefined();
    expect(preview).toContain(
      'task node-1.old is to be removed after node-1.new, which has the same `delete`',
    );
    for (const [index, urn] of urns.entries())
      engine.pulumi('state', 'rename', '--yes', urn, ['node-1.new', 'node-1.new.removal'][index] ?? '');
    expect(await up(...tasks)).not.toContain('created');
    expect(commands()).toEqual(['true install']);
  });

  it('one under another name is not undone without a preview either', async () => {
    const task = { run: 'true install', delete: 'true purge' };
    await up({ name: 'old', ...task });
    const said = await up({ name: 'new', ...task });
    const urn = /npx pulumi state delete '(\S+)'\./.exec(said)?.[1];
    expect(said).toContain('It was not run, and node-1.new has done its work.');
    engine.pulumi('state', 'delete', '--yes', urn ?? '');
    expect(await up(...tasks)).not.toContain('error');
    expect(commands()).toEqual(['true install', 'true install']);
  });

  it('begin anew on a new VPS of the same name: `run`, not `update`, and copies are there', async () => {
    const source = join(hosts, 'motd');
    writeFileSync(source, 'hello');
    const wanted = [
      { name: 'motd', copy: source, to: '/etc/motd' },
      { name: 'node', run: 'true install', update: 'true upgrade', delete: 'true purge' },
    ];
    await up(...wanted);
    const first = vps;
    vps = `${vps}-again`;
    expect(await up(...wanted)).not.toContain('error');
    expect(commands().at(-1)).toBe('true install');
    expect(readFileSync(join(hosts, vps, 'etc/motd'), 'utf8')).toBe('hello');
    vps = first;
    expect(commands()).not.toContain('true purge');
    expect(door.isOpen()).toBe(false);
  });

  it('the last one of a host can be removed, with its `delete`', async () => {
    await up({ name: 'only', run: 'true install', delete: 'true purge' });
    // What `npm run up` and `npm run down` look for.
    expect(JSON.stringify(await engine.stack.exportStack())).toContain('"BeforeDelete"');
    vi.stubEnv('POSTERN_REMOVES_TASKS', 'yes');
    expect(await up()).toContain('2 deleted');
    vi.unstubAllEnvs();
    expect(commands()).toEqual(['true install', 'true purge']);
    expect(door.isOpen()).toBe(false);
  });

  it('do not keep a VPS that is dead: it goes, and nothing is run on it', async () => {
    await up({ name: 'node', run: 'true install', delete: 'true purge' });
    door.ignore(1000);
    await engine.stack.destroy({ runProgram: true });
    expect(commands()).toEqual(['true install']);
  });
});
