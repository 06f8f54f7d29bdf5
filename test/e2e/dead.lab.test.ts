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
