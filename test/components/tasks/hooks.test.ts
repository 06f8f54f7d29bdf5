import * as pulumi from '@pulumi/pulumi';
import { describe, expect, it, vi } from 'vitest';
import { type Outputs, outputs } from '../program.ts';
import { callErrorHook, callHook, registeredHooks } from './call-hook.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';
import { COMMAND, FIRST, SECOND, type Setting, withTasks } from './with-tasks.ts';

/** The host is the one whose door is at loopback. */
function hostBehind({ port, sequences }: FakeHost): Setting {
  const sealed: Outputs = (resource) =>
    resource.type === 'postern:index:Hardening'
      ? { ...outputs(resource), sequences: pulumi.secret(sequences) }
      : outputs(resource);
  return { address: '127.0.0.1', stack: { ssh: { port } }, outputs: sealed };
}

describe('the hooks of a task', () => {
  it('knock before a task is created, updated and removed, and close after', async () => {
    const run = await withTasks([FIRST, { ...SECOND, delete: 'true' }]);
    const [open, close] = ['postern-node-1-open', 'postern-node-1-close'];
    const onError = ['postern-node-1-close-on-error'];
    const changes = {
      beforeCreate: [open],
      afterCreate: [close],
      beforeUpdate: [open],
      afterUpdate: [close],
      onError,
    };
    expect(run.one(COMMAND, 'node-1.install').hooks).toEqual(changes);
    expect(run.one(COMMAND, 'node-1.start').hooks).toEqual(changes);
    expect(run.one(COMMAND, 'node-1.start.removal').hooks).toEqual({
      beforeCreate: ['postern-node-1-renamed'],
      beforeDelete: ['postern-node-1-renamed', 'postern-node-1-open-for-removal'],
      afterDelete: [close],
      onError,
    });
  });

  it('knock and close for real when the engine calls them', async () => {
    const host = await fakeHost();
    const hooks = registeredHooks();
    await withTasks([FIRST], {
      ...hostBehind(host),
      registerHook: hooks.register,
      whileServing: async () => {
        await expect(callHook(hooks.named('postern-node-1-open'))).resolves.toBe('');
        expect(host.isOpen()).toBe(true);
        await expect(callHook(hooks.named('postern-node-1-close'))).resolves.toBe('');
        expect(host.isOpen()).toBe(false);
      },
    });
    expect(host.knocks).toEqual(['open', 'close']);
  });

  it('close the door of a task that failed, once, without trying it again', async () => {
    const host = await fakeHost();
    const hooks = registeredHooks();
    await withTasks([FIRST], {
      ...hostBehind(host),
      registerHook: hooks.register,
      registerErrorHook: hooks.register,
      whileServing: async () => {
        await callHook(hooks.named('postern-node-1-open'));
        await expect(callErrorHook(hooks.named('postern-node-1-close-on-error'))).resolves.toBe(false);
      },
    });
    expect(host.knocks).toEqual(['open', 'close']);
    expect(host.isOpen()).toBe(false);
  });

  it('are there for the removal of the last task, which no configuration has any more', async () => {
    vi.stubEnv('POSTERN_REMOVES_TASKS', 'yes');
    const hooks = registeredHooks();
    const run = await withTasks([], { registerHook: hooks.register });
    vi.unstubAllEnvs();
    expect(hooks.named('postern-node-1-open')).toBeDefined();
    expect(hooks.named('postern-node-1-renamed')).toBeDefined();
    expect(run.resources.filter(({ type }) => type === COMMAND)).toEqual([]);
  });

  it('do without those for failures where the engine is too old for them', async () => {
    const registerErrorHook = () => Object.assign(new Error('12 UNIMPLEMENTED'), { code: 12 });
    const run = await withTasks([FIRST], { registerErrorHook });
    expect(Object.keys(run.one(COMMAND).hooks).sort()).toEqual([
      'afterCreate',
      'afterUpdate',
      'beforeCreate',
      'beforeUpdate',
    ]);
  });

  it('fail the task when the door stays closed, and only warn when it stays open', async () => {
    const hooks = registeredHooks();
    await withTasks([FIRST], { registerHook: hooks.register });
    expect(hooks.named('postern-node-1-open').getIgnoreErrors?.()).toBe(false);
    expect(hooks.named('postern-node-1-close').getIgnoreErrors?.()).toBe(true);
  });

  it('are asked for in one sentence where the engine does not have them, and nothing is registered', async () => {
    const registerHook = () => Object.assign(new Error('12 UNIMPLEMENTED: unknown method'), { code: 12 });
    const registered: string[] = [];
    const listing: Outputs = (resource) => {
      registered.push(resource.type);
      return outputs(resource);
    };
    await expect(withTasks([FIRST], { registerHook, outputs: listing, preview: true })).rejects.toThrow(
      /^Tasks need resource hooks, which this Pulumi engine does not run: install the official Pulumi distribution .*\.$/,
    );
    expect(registered.filter((type) => type.startsWith('command:'))).toEqual([]);
  });

  it('fail as they are when the engine has another reason', async () => {
    const registerHook = () => Object.assign(new Error('14 UNAVAILABLE'), { code: 14 });
    await expect(withTasks([FIRST], { registerHook })).rejects.toThrow('14 UNAVAILABLE');
  });
});
