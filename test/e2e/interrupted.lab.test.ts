import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { probeTcp } from '../../remote/probe.ts';
import { clientIdentity, freshVps, type Identity, ssh } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { difference, fingerprint } from '../transaction/fingerprint.ts';
import { inside } from '../transaction/fixture.ts';
import { ended, existingHost, operatedBy, TestStack } from './stack.ts';

/*
 * A real engine that is killed, and one whose disk is full, in the order of an operator's day: every test starts from the
 * state in which the one before it left the stack.
 */
const stack = new TestStack({ diskKib: 3000 });
let existing: LabVps;
let identity: Identity;

function config(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...operatedBy(identity),
    verify: { attempts: 2, rollbackSeconds: 30 },
    hosts: [existingHost('e2e-killed', existing)],
    ...extra,
  };
}

/** Runs the engine, and does something when it prints a text. */
async function interruptedRun(text: string, act: (engine: number) => void, ...args: string[]) {
  const child = stack.start(...args);
  const run = ended(child);
  let acted = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (acted || !chunk.toString().includes(text)) return;
    acted = true;
    act(child.pid ?? 0);
  });
  const { code, output } = await run;
  expect(acted, output).toBe(true);
  return { code, output };
}

/** Kills the engine alone, as the kernel does when memory runs out. */
function kill(engine: number): void {
  process.kill(engine, 'SIGKILL');
}

/** The plugins that an engine started, by their command line and their parent. */
function pluginsOf(engine: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return parent === engine && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('provider/main.ts');
      } catch {
        return false;
      }
    });
}

function killPlugins(engine: number): void {
  for (const process of pluginsOf(engine)) kill(process);
}

const destroy = ['destroy', '--yes', '--skip-preview'];

/** As an operator does after such an end, which leaves the engine's own lock behind. */
async function upAgain() {
  await stack.pulumi('cancel', '--yes');
  return stack.up();
}

async function expectSealed(): Promise<void> {
  const { address } = existing;
  for (const port of [22, 2222])
    expect((await probeTcp({ address, port, timeoutMilliseconds: 500 })).state).toBe('silent');
  expect(await inside(existing, 'grep ^phase= /var/lib/postern/record')).toBe('phase=sealed\n');
}

function fillDisk(): void {
  try {
    writeFileSync(join(stack.state, 'filler'), Buffer.alloc(3_100_000));
  } catch {
    // Full, as it is wanted.
  }
}

beforeAll(async () => {
  identity = await clientIdentity();
  existing = await freshVps();
  await stack.configure(config());
});

afterAll(() => stack.remove());

describe('a full disk of the deployer', () => {
  it('is seen before the host is touched', async () => {
    const before = await fingerprint(existing);
    const { code, output } = await interruptedRun(
      'logged in by the initial access',
      fillDisk,
      'up',
      '--yes',
      '--skip-preview',
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/This machine cannot record what the host is about to become: ENOSPC/);
    expect(difference(before, await fingerprint(existing))).toEqual([]);
    rmSync(join(stack.state, 'filler'));
  });

  it('during a change loses nothing: room for the state is held', async () => {
    const run = await interruptedRun('verifying from outside', fillDisk, 'up', '--yes', '--skip-preview');
    expect(run.code, run.output).toBe(0);
    rmSync(join(stack.state, 'filler'));
    const [hardening] = await stack.resources('postern:index:Hardening');
    expect(hardening?.outputs['sealed']).toBeDefined();
    await expectSealed();
    expect((await stack.up()).output).toContain('6 unchanged');
  });
});

describe('a state that is lost', () => {
  it('is taken back from the copy that was kept, and the next up finds the host behind its door', async () => {
    writeFileSync(stack.stateFile, '');
    expect((await stack.up()).output).toContain('failed to load checkpoint');
    const [copy = ''] = stack.copies();
    copyFileSync(copy, stack.stateFile);
    const up = await upAgain();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain('1 created');
    await expectSealed();
    // What the engine had begun when the copy was made, it tells of for ever.
    await stack.pulumi('refresh', '--yes', '--skip-preview', '--clear-pending-creates');
    expect((await stack.up()).output).not.toContain('interrupted');
  });
});

describe('an engine that is killed during destroy', () => {
  it('before the commit: its plugin takes the restore back and ends; the next up looks at the host', async () => {
    await interruptedRun('restoring the snapshot', kill, ...destroy);
    await expect
      .poll(() => inside(existing, 'grep ^phase= /var/lib/postern/record'), { timeout: 60_000 })
      .toBe('phase=undone\n');
    await stack.pulumi('cancel', '--yes');
    const preview = await stack.pulumi('preview');
    expect(preview.output).toContain('A `destroy` of e2e-killed, begun on this machine at');
    expect(preview.output).toContain('1 to update');
    const up = await upAgain();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain('1 updated');
    await expectSealed();
    const again = await stack.up();
    expect(again.output).toContain('6 unchanged');
    expect(again.output).not.toContain('begun on this machine');
  });

  it('after the commit: the next up finds the host open, and hardens it again', async () => {
    await interruptedRun('having the host remove', kill, ...destroy);
    await expect
      .poll(() => inside(existing, 'ls -d /var/lib/postern || :'), { timeout: 90_000, interval: 1000 })
      .toBe('');
    expect((await ssh(existing, ['id', '-un'])).stdout).toBe('root\n');
    const up = await upAgain();
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain('1 updated');
    await expectSealed();
  });

  it.runIf(LONG)(
    'with its plugin: the next up waits until the host has rolled back, and hardens it again',
    async () => {
      const killBoth = (engine: number) => {
        killPlugins(engine);
        kill(engine);
      };
      await interruptedRun('logging in by the initial access', killBoth, ...destroy);
      const up = await upAgain();
      expect(up.code, up.output).toBe(0);
      expect(up.output).toContain('1 updated');
      await expectSealed();
    },
  );
});

describe('a plugin that is killed during destroy', () => {
  it('leaves a host that the next destroy waits for and restores', async () => {
    const failed = await interruptedRun('logging in by the initial access', killPlugins, ...destroy);
    expect(failed.code).not.toBe(0);
    const { code, output } = await stack.pulumi(...destroy);
    expect(code, output).toBe(0);
    expect((await ssh(existing, ['id', '-un'])).stdout).toBe('root\n');
    expect(await inside(existing, 'ls -A /var/lib | grep postern || true')).toBe('');
  });
});
