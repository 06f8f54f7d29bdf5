import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { changeKey, lockHolder, withFileLock, withFileLocks } from '../../remote/file-lock.ts';

let place: string;
const folder = () => join(place, `postern-knocking-${process.getuid?.() ?? 0}`);

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'test-'));
  vi.stubEnv('TMPDIR', place);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

describe('those who knock at one address', () => {
  it('do it one after the other, and know that they waited; at another address nobody waits', async () => {
    const seen: string[] = [];
    const knock = (key: string, name: string) =>
      withFileLock(key, async (waited) => {
        seen.push(`${name} begins${waited ? ' late' : ''}`);
        await sleep(60);
        seen.push(`${name} ends`);
      });
    const first = knock('host', 'a');
    await sleep(20);
    await Promise.all([first, knock('host', 'b'), knock('elsewhere', 'c')]);
    expect(seen.filter((line) => !line.startsWith('c'))).toEqual([
      'a begins',
      'a ends',
      'b begins late',
      'b ends',
    ]);
    expect(seen.indexOf('c begins')).toBeLessThan(seen.indexOf('a ends'));
    expect(readdirSync(folder())).toEqual([]);
  });

  it('do not wait for one that is gone', async () => {
    await withFileLock('host', async () => {
      const [file = ''] = readdirSync(folder());
      writeFileSync(join(folder(), file), String(spawnSync('true').pid));
      await withFileLock('host', async (waited) => expect(waited).toBe(true));
    });
  });

  it('do not wait for one that is gone and whose number another process has', async () => {
    await withFileLock(changeKey('192.0.2.1'), async () => {
      const [file = ''] = readdirSync(folder());
      expect(await lockHolder(changeKey('192.0.2.1'))).toMatchObject({ process: process.pid });
      writeFileSync(join(folder(), file), `${process.pid} change 1`);
      expect(await lockHolder(changeKey('192.0.2.1'))).toBeUndefined();
      await withFileLock(changeKey('192.0.2.1'), async (waited) => expect(waited).toBe(true));
    });
  });

  it('wait longer for the proof of a change than for a knock, and learn whose turn it is and since when', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
    const { promise, resolve } = Promise.withResolvers<void>();
    const proof = withFileLock('host', () => promise, 'proof');
    await vi.waitUntil(async () => (await lockHolder('host')) !== undefined);
    expect(await lockHolder('host')).toMatchObject({ process: process.pid, purpose: 'proof' });
    let knocked = false;
    const knock = withFileLock('host', async () => {
      knocked = true;
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await sleep(80);
    expect(knocked).toBe(false);
    resolve();
    await proof;
    await vi.advanceTimersByTimeAsync(1000);
    await knock;
    expect(knocked).toBe(true);
    expect(await lockHolder('host')).toBeUndefined();
    vi.useRealTimers();
  });

  it('have several at once, in one order', async () => {
    const both = (keys: string[]) => withFileLocks(keys, async () => sleep(30), 'proof');
    await Promise.all([both(['four', 'six']), both(['six', 'four'])]);
    expect(readdirSync(folder())).toEqual([]);
  });

  it('see no change of a process that is gone', async () => {
    await withFileLock(
      changeKey('192.0.2.1'),
      async () => {
        expect((await lockHolder(changeKey('192.0.2.1')))?.purpose).toBe('change');
        const [file = ''] = readdirSync(folder());
        writeFileSync(join(folder(), file), `${spawnSync('true').pid} change`);
        expect(await lockHolder(changeKey('192.0.2.1'))).toBeUndefined();
      },
      'change',
    );
  });

  it('give the turn back when it fails', async () => {
    await expect(withFileLock('host', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withFileLock('host', async (waited) => waited)).toBe(false);
  });

  it('do without where the folder is not theirs alone', async () => {
    mkdirSync(folder());
    chmodSync(folder(), 0o777);
    expect(await withFileLock('host', async () => readdirSync(folder()))).toEqual([]);
  });
});
