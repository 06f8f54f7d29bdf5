import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { destroyVps } from '../../lab/destroy.ts';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { existingHost, operatedBy, TestStack } from './stack.ts';

const stack = new TestStack();
afterAll(() => stack.remove());

/** The command of docs/state.md, without `npx pulumi` and without the stack, which is this test's. */
function documented(host: string): string[] {
  const document = readFileSync(join(import.meta.dirname, '../../docs/state.md'), 'utf8');
  const command = /^npx pulumi (state delete .*) -s <stack>$/m.exec(document)?.[1] ?? '';
  return command.replaceAll('<stack>', stack.name).replaceAll('<host>', host).replaceAll("'", '').split(' ');
}

it('an existing VPS that is gone leaves the stack by the command of docs/state.md, and another one takes its place', async () => {
  const [gone, next] = [await freshVps(), await freshVps()];
  const operator = operatedBy(await clientIdentity());
  await stack.configure({ ...operator, hosts: [existingHost('node-1', gone)] });
  expect((await stack.up()).code).toBe(0);
  await destroyVps(gone);
  const { code, output } = await stack.pulumi(...documented('node-1'), '--yes');
  expect(output).toContain('Resource deleted');
  expect(code).toBe(0);
  expect(await stack.resources('postern:index:Hardening')).toEqual([]);
  expect(await stack.resources('postern:index:Sequence')).toEqual([]);
  await stack.configure({ ...operator, hosts: [existingHost('node-1', next)] });
  expect((await stack.up()).code).toBe(0);
});

it('one that does not answer fails by itself: the other hosts get what is due there', async () => {
  const [down, well] = [await freshVps(), await freshVps()];
  const operator = operatedBy(await clientIdentity());
  const hosts = [existingHost('node-1', down), existingHost('node-2', well)];
  await stack.pulumi(...documented('node-1'), '--yes');
  await stack.configure({ ...operator, hosts });
  expect((await stack.up()).code).toBe(0);
  await destroyVps(down);
  await stack.configure({ ...operator, hosts, ssh: { port: 2200 } });
  const { code, output } = await stack.up('--refresh', '--continue-on-error');
  expect(code).not.toBe(0);
  expect(output).toContain('node-1 could not be looked at: no login route works.');
  const all = await stack.resources('postern:index:Hardening');
  const ports = all.map(({ outputs }) => (outputs['posture'] as { ssh: { port: number } }).ssh.port);
  expect(ports.sort()).toEqual([22, 2200]);
});
