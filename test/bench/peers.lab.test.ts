import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { time } from '../../bench/command.ts';
import { script } from '../../bench/contenders/script.ts';
import { lacking } from '../../bench/end-state.ts';
import { clientIdentity, withVps } from '../lab/fixture.ts';

it('the script takes a fresh host to the end state that the bench compares by', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await withVps(async (host) => {
    const key = await clientIdentity();
    const prepared = await script.prepare({ hosts: [host], key, folder });
    const sequences = await prepared.sequencesOf(host);
    expect((await lacking(host, key, sequences)).join('\n')).toContain('port 22 before the knock is open');
    await time(prepared.commands, { signal: AbortSignal.timeout(60_000) });
    expect(await lacking(host, key, sequences)).toEqual([]);
  });
});
