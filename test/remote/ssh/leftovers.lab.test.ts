import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { LabVps } from '../../../lab/vps.ts';
import { openSession } from '../../../remote/ssh/session.ts';
import type { SshTarget } from '../../../remote/ssh/target.ts';
import { freshVps } from '../../lab/fixture.ts';
import { inside, wayTo, withSession } from '../lab.ts';
import { processesWith } from './processes.ts';

const timeoutSeconds = 10;
let vps: LabVps;
let target: SshTarget;

beforeAll(async () => {
  vps = await freshVps();
  target = await wayTo(vps);
});

describe('what a session leaves', () => {
  it('keeps the key off the disk and out of every command line while it is open', async () => {
    const key =
      target.identity !== undefined && 'privateKey' in target.identity ? target.identity.privateKey : '';
    const line = key.split('\n')[2] ?? 'no key';
    await withSession(target, async (session) => {
      const directory = path.dirname(session.controlPath);
      const files = readdirSync(directory).map((name) => path.join(directory, name));
      expect(files.some((file) => file.endsWith('agent'))).toBe(true);
      for (const file of files)
        if (statSync(file).isFile()) expect(readFileSync(file, 'latin1')).not.toContain(line);
      expect(statSync(path.join(directory, 'known_hosts')).mode & 0o777).toBe(0o600);
      expect(processesWith(line)).toEqual([]);
    });
  });

  it('is nothing: no process, socket or directory here, no connection there', async () => {
    const session = await openSession(target, { timeoutSeconds });
    await Promise.all([1, 2, 3].map(() => session.run({ argv: ['true'], timeoutSeconds })));
    const directory = path.dirname(session.controlPath);
    expect(processesWith(directory).length).toBeGreaterThan(3);
    await session.close();
    await session.close();
    expect(existsSync(directory)).toBe(false);
    expect(processesWith(directory)).toEqual([]);
    await vi.waitFor(async () =>
      expect(await inside(vps, "ss -Htn state established '( sport = :22 )'")).toBe(''),
    );
    await expect(session.run({ argv: ['true'], timeoutSeconds })).rejects.toMatchObject({ kind: 'closed' });
  });

  it('is nothing after its master was killed, and the next program says so', async () => {
    const session = await openSession(target, { timeoutSeconds });
    const directory = path.dirname(session.controlPath);
    const running = session.run({ argv: ['sleep', '30'], timeoutSeconds });
    const lost = expect(running).rejects.toMatchObject({ kind: 'closed' });
    await vi.waitFor(async () => expect(await inside(vps, 'pgrep -c sleep || true')).not.toBe('0\n'));
    for (const pid of processesWith(`-M -N -S ${session.controlPath}`)) process.kill(pid, 'SIGKILL');
    await lost;
    expect(session.alive).toBe(false);
    await expect(session.run({ argv: ['true'], timeoutSeconds })).rejects.toMatchObject({ kind: 'closed' });
    await session.close();
    expect(existsSync(directory)).toBe(false);
    expect(processesWith(directory)).toEqual([]);
  });
});
