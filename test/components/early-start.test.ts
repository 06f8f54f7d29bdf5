import { setMocks } from '@pulumi/pulumi/runtime/mocks.js';
import { expect, it, vi } from 'vitest';
import { startPluginEarly, useNodeStackTraces } from '../../components/early-start.ts';

it('the plugin is called before there is any resource, and may fail unheard', async () => {
  const calls: string[] = [];
  setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ token }) => {
      calls.push(token);
      throw new Error('no plugin');
    },
  });
  await startPluginEarly();
  // No more turns than those: the rest of the program would be read before the call left.
  expect(calls).toEqual(['postern:index:ready']);
});

it('stack traces are Node.js’ own, which know the lines of TypeScript', () => {
  const prepare = vi.fn(() => 'translated');
  Reflect.set(Error, 'prepareStackTrace', prepare);
  useNodeStackTraces();
  expect(new Error('seen').stack).toMatch(/early-start\.test\.ts:\d+/);
  expect(prepare).not.toHaveBeenCalled();
});
