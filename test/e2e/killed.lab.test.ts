import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOutput, KnockOutput } from '../../components/outputs.ts';
import type { LabVps } from '../../lab/vps.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { recorded } from '../transaction/interrupt.ts';
import { ended, operatedBy, TestStack } from './stack.ts';

/** Every process of a run is killed between the host's commit and the engine's writing down what it was. */
const stack = new TestStack();
let vps: LabVps;

async function wish(ssh: object, generation: number, openSeconds = 30): Promise<void> {
  const { address, hostKeys } = vps;
  await stack.configure({
    ...operatedBy(await clientIdentity()),
    ssh,
    knock: { generation, openSeconds },
    hosts: [{ name: 'e2e-killed', target: { type: 'existing', address, hostKeys: [...hostKeys] } }],
  });
}

async function killedWhileSealing(): Promise<void> {
  const child = stack.start('up', '--yes', '--skip-preview');
  const run = ended(child);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('sealing:')) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended before it sealed: ${output}`)));
  });
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await run;
}

beforeAll(async () => {
  vps = await freshVps();
});

afterAll(() => stack.remove());

describe('pulumi up that was killed after the host had committed', () => {
  it('is followed by one that comes in, though sequence, port and host keys are changed once more', async () => {
    await wish({}, 10);
    expect((await stack.up()).code).toBe(0);
    const [before] = (await stack.output('hosts')) as HostOutput[];
    await wish({ port: 2200, hostKeyGeneration: 1 }, 11);
    await killedWhileSealing();
    expect(await recorded(vps, 'phase')).toMatch(/^(committed|sealed)$/);
    const [unknowing] = (await stack.output('hosts')) as HostOutput[];
    expect(unknowing?.hostKeys).toEqual(before?.hostKeys);

    const looked = await stack.pulumi('refresh', '--yes', '--skip-preview');
    expect(looked.output).toContain('That run was killed: its process is gone, and so is its lock now.');
    expect(looked.output).not.toContain('could not be looked at');

    await wish({ port: 2300, hostKeyGeneration: 2 }, 12);
    const { code, output } = await stack.up();
    expect(output).not.toContain('no login route works');
    expect(code).toBe(0);
    const [after] = (await stack.output('hosts')) as HostOutput[];
    expect(after?.sshPort).toBe(2300);
    expect(after?.hostKeys.filter((key) => before?.hostKeys.includes(key))).toEqual([]);
    const knock = (await stack.output('knock')) as Record<string, KnockOutput>;
    expect(knock['e2e-killed']?.open).toHaveLength(4);
    // What was written down for the sake of a run that is cut off is as secret as what is in force.
    expect(stack.stored()).not.toContain('PRIVATE KEY');
  });

  it('and then changes nothing more', async () => {
    const { code, output } = await stack.up();
    expect(code).toBe(0);
    expect(output).toMatch(/\d unchanged/);
    expect(output).not.toMatch(/updated|replaced|created/);
    const { output: exported } = await stack.pulumi('stack', 'export');
    expect(JSON.parse(exported).deployment.pending_operations ?? []).toEqual([]);
  });
});

describe('pulumi up from an older copy of the state', () => {
  it('stops before anything is written, and goes on once a refresh has shown what differs', async () => {
    const older = stack.stored();
    await wish({ port: 2300, hostKeyGeneration: 2 }, 12, 45);
    expect((await stack.up()).code).toBe(0);
    const sealed = await recorded(vps, 'sealed_at');
    writeFileSync(stack.stateFile, older);

    await wish({ port: 2300, hostKeyGeneration: 2 }, 12);
    const stopped = await stack.up();
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toMatch(
      /The state is older than the host: the change \S+ of \S+@\S+ at \S+Z sealed it/,
    );
    expect(stopped.output).toContain('nothing was written');
    expect(await recorded(vps, 'sealed_at')).toBe(sealed);

    const refreshed = await stack.pulumi('refresh', '--yes', '--skip-preview');
    expect(refreshed.code, refreshed.output).toBe(0);
    const { code, output } = await stack.up();
    expect(code, output).toBe(0);
    expect(output).toContain('1 updated');
    expect(await recorded(vps, 'sealed_at')).not.toBe(sealed);
  });
});
