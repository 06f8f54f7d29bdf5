import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startPlugin } from './plugin.ts';

const NOBODY = 65_534;

it('is called by its own user, and by no other user of the machine', async () => {
  const plugin = await startPlugin();
  onTestFinished(() => plugin.stop());
  const call = async (uid: number) => {
    const argv = [join(import.meta.dirname, 'call.ts'), String(plugin.port), String(uid)];
    return (await promisify(execFile)(process.execPath, argv)).stdout;
  };
  expect(await call(0)).toBe('taken');
  expect(await call(NOBODY)).toMatch(/PERMISSION_DENIED.*its own user alone/);
});
