import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execVps } from '../../lab/exec.ts';
import type { LabVps } from '../../lab/vps.ts';
import { openSession } from '../../remote/ssh/session.ts';
import { step } from '../../transaction/agent.ts';
import { freshVps } from '../lab/fixture.ts';
import { type Armed, armed, undone } from './armed.ts';
import { inside, jobFor } from './fixture.ts';
import { recorded } from './interrupt.ts';

const RACE = readFileSync(join(import.meta.dirname, 'race.sh'), 'utf8');
const AGENT = '/var/lib/postern/agent/agent.sh';

describe('an armed change', () => {
  let vps: LabVps;
  let change: Armed;
  beforeAll(async () => {
    vps = await freshVps();
    change = await armed(await jobFor(vps));
  });
  afterAll(() => change.login.session.close());

  const asNobody = (command: string) =>
    execVps(vps, ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', 'sh', '-c', command]);

  it('is not committed without its nonce, nor with a forged one', async () => {
    await expect(change.take('commit', 'forged\n')).rejects.toThrow('not the nonce of this change');
    await expect(change.take('commit', '\n')).rejects.toThrow('not the nonce of this change');
    const nonce = await change.take('nonce');
    await expect(change.take('commit', `${nonce}0\n`)).rejects.toThrow('not the nonce of this change');
    expect(await recorded(vps, 'phase')).toBe('armed');
  });

  it('is not committed under the name of another', async () => {
    const nonce = await change.take('nonce');
    const other = '00000000-0000-4000-8000-000000000000';
    await expect(step(change.login.session, 'commit', other, { stdin: `${nonce}\n` })).rejects.toThrow(
      `another change is under way on this host, not ${other}`,
    );
  });

  it('gives no nonce to the backup door', async () => {
    const hostKey = await change.take('backup');
    const target = { ...change.login.route.target, port: 2222, hostKeys: [hostKey] };
    const session = await openSession(target, { timeoutSeconds: 15 });
    try {
      await expect(step(session, 'nonce', change.plan.id)).rejects.toThrow(
        'only given through the front door, port 22; this session came through port 2222',
      );
    } finally {
      await session.close();
    }
  });

  it('is nothing that a user of the host could read, end or decide', async () => {
    const secrets = await inside(
      vps,
      'find /var/lib/postern /run/postern.lock /etc/ssh/postern-backup -type f',
    );
    for (const file of secrets.trim().split('\n')) {
      if (file.includes('/postern-backup/') && !/host_ed25519_key$|sshd_config$/.test(file)) continue;
      expect((await asNobody(`cat '${file}'`)).code, file).not.toBe(0);
    }
    for (const verb of ['commit', 'rollback', 'seal', 'nonce']) {
      expect((await asNobody(`sh ${AGENT} ${verb} ${change.plan.id} </dev/null`)).code, verb).not.toBe(0);
    }
    for (const command of [
      'systemctl start postern-undo.service',
      'systemctl stop postern-undo.timer',
      'flock -n /run/postern.lock true',
    ]) {
      expect((await asNobody(`${command} </dev/null`)).code, command).not.toBe(0);
    }
    expect(await recorded(vps, 'phase')).toBe('armed');
  });

  it('is committed or undone, never both, whichever comes first', async () => {
    const { stdout } = await execVps(vps, ['sh', '-c', RACE, 'race', change.plan.id, '24'], {
      timeoutSeconds: 200,
    });
    const rounds = stdout.trim().split('\n');
    expect(rounds).toHaveLength(24);
    for (const round of rounds) {
      expect(round).toMatch(
        /^0 committed committed$|^1 undone the change \S+ is not armed on this host \(it is: undone\)$/,
      );
    }
    // A race that always ends the same way proves nothing.
    expect(new Set(rounds.map((round) => round.split(' ')[1]))).toEqual(new Set(['committed', 'undone']));
  });

  it('is not committed after its undo, nor when its time is over', async () => {
    const again = await armed({ ...(await jobFor(vps)) }).catch((error: unknown) => error as Error);
    if (again instanceof Error) throw again;
    const nonce = await again.take('nonce');
    await inside(vps, 'echo 1 >/var/lib/postern/deadline');
    await expect(again.take('commit', `${nonce}\n`)).rejects.toThrow(/is over|is not armed/);
    await undone(vps);
    await expect(again.take('commit', `${nonce}\n`)).rejects.toThrow('it is: undone');
    await again.login.session.close();
  });
});
