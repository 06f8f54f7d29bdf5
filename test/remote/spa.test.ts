import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packetsOf, spaProblem } from '../../remote/spa.ts';

const KEYS = { key: `${'k'.repeat(43)}=`, hmacKey: `${'h'.repeat(43)}=` };
const SEQUENCE = [{ port: 17_123, protocol: 'udp', spa: KEYS }] as const;

let folder: string;

/** Puts a client on the path that does what a shell script says; `$rc` and `$packet` are its files. */
async function client(script: string): Promise<void> {
  const file = join(folder, 'fwknop');
  const files =
    'while [ $# -gt 0 ]; do case $1 in --rc-file) rc=$2 ;; --save-packet) packet=$2 ;; esac; shift; done';
  await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$*" >${folder}/argv\n${files}\n${script}\n`);
  await chmod(file, 0o755);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spa-test-'));
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  vi.stubEnv('TMPDIR', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('single packets', () => {
  it('are made by the client, which gets the keys in a file of ours alone, and nothing is left of it', async () => {
    await client(
      `stat -c %a "$rc" "$(dirname "$rc")" >${folder}/modes; cp "$rc" ${folder}/copy; printf '%0205d' 0 >"$packet"`,
    );
    const packets = await packetsOf(SEQUENCE);
    expect(packets).toEqual([{ port: 17_123, protocol: 'udp', payload: '0'.repeat(205) }]);
    expect(await readFile(join(folder, 'modes'), 'utf8')).toBe('600\n700\n');
    const given = await readFile(join(folder, 'copy'), 'utf8');
    expect(given).toContain(KEYS.key);
    expect(given).toContain(KEYS.hmacKey);
    expect(await readFile(join(folder, 'argv'), 'utf8')).not.toMatch(/kkk|hhh/);
    expect((await readdir(folder)).filter((name) => name.startsWith('postern-'))).toEqual([]);
  });

  it.each(['echo "$(cat "$rc")" >&2; exit 1', 'exit 0', 'printf "%0205d" 0 | tr 0 " " >"$packet"'])(
    'fail without a word about keys or files left: %s',
    async (script) => {
      await client(script);
      const failed = await packetsOf(SEQUENCE).catch((error: unknown) => error);
      expect(failed).toMatchObject({ kind: 'local' });
      expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toMatch(/kkk|hhh/);
      expect((await readdir(folder)).filter((name) => name.startsWith('postern-'))).toEqual([]);
    },
  );

  it('say what to install where there is no client', async () => {
    vi.stubEnv('PATH', folder);
    await expect(packetsOf(SEQUENCE)).rejects.toMatchObject({
      kind: 'no-client',
      message: expect.stringContaining('apt-get install fwknop-client'),
    });
    expect(await spaProblem()).toContain('apt-get install fwknop-client');
  });

  it('are not made for other knocks, nor for packets that are made', async () => {
    const knocks = [
      { port: 7123, protocol: 'tcp' },
      { port: 7124, protocol: 'udp', payload: 'made' },
    ] as const;
    vi.stubEnv('PATH', folder);
    expect(await packetsOf(knocks)).toEqual(knocks);
  });
});
