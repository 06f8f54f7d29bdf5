import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { LabVps } from '../../../lab/vps.ts';
import { startAgent } from '../../../remote/ssh/agent.ts';
import { openSession } from '../../../remote/ssh/session.ts';
import type { SshTarget } from '../../../remote/ssh/target.ts';
import { openWorkspace } from '../../../remote/ssh/workspace.ts';
import { clientIdentity, freshVps, makeIdentity } from '../../lab/fixture.ts';
import { inside, wayTo, withSession } from '../lab.ts';
import { makeKeyPair } from './keys.ts';

const timeoutSeconds = 10;
let vps: LabVps;
let target: SshTarget;

beforeAll(async () => {
  vps = await freshVps();
  target = await wayTo(vps);
  await inside(
    vps,
    `useradd -m -s /bin/bash op; useradd -m -s /bin/bash beggar; useradd -m -s /usr/sbin/nologin nologin
     for user in op beggar nologin; do
       install -d -m 700 -o $user -g $user /home/$user/.ssh
       install -m 600 -o $user -g $user /root/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
     done
     echo 'op ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/op`,
  );
});

describe('a session', () => {
  it.each(['address', 'addressV6'] as const)('runs programs over the host’s %s', async (which) => {
    await withSession({ ...target, address: vps[which] }, async (session) => {
      const result = await session.run({ argv: ['hostname'], timeoutSeconds });
      expect(result).toEqual({ code: 0, signal: null, stdout: `${vps.name}\n`, stderr: '' });
    });
  });

  it('uses one connection for everything', async () => {
    await withSession(target, async (session) => {
      const ask = () => session.run({ script: 'echo "$SSH_CONNECTION"', timeoutSeconds });
      const connections = await Promise.all(Array.from({ length: 10 }, ask));
      expect(new Set(connections.map((result) => result.stdout)).size).toBe(1);
      expect(connections[0]?.stdout).toContain(`${vps.address} 22`);
    });
  });

  it('runs in parallel', async () => {
    await withSession(target, async (session) => {
      await session.run({ argv: ['true'], timeoutSeconds });
      const begin = performance.now();
      const runs = [1, 2, 3, 4].map((n) =>
        session.run({ script: 'sleep 1; echo "$1"', args: [`${n}`], timeoutSeconds }),
      );
      const outputs = (await Promise.all(runs)).map((result) => result.stdout);
      expect(outputs).toEqual(['1\n', '2\n', '3\n', '4\n']);
      expect(performance.now() - begin).toBeLessThan(2500);
    });
  });

  it('makes do with the one channel that the server allows', async () => {
    await inside(
      vps,
      'echo "MaxSessions 1" >/etc/ssh/sshd_config.d/01-one.conf; systemctl reset-failed ssh; systemctl restart ssh',
    );
    try {
      await withSession(target, async (session) => {
        const runs = Array.from({ length: 8 }, (_, n) =>
          session.run({ script: 'sleep 0.1; echo "$1"', args: [`${n}`], timeoutSeconds }),
        );
        const outputs = (await Promise.all(runs)).map((result) => result.stdout);
        expect(outputs).toEqual(Array.from({ length: 8 }, (_, n) => `${n}\n`));
      });
    } finally {
      await inside(
        vps,
        'rm /etc/ssh/sshd_config.d/01-one.conf; systemctl reset-failed ssh; systemctl restart ssh',
      );
    }
  });

  it('runs nothing on a host that shows another key', async () => {
    const wrong = ['ed25519', 'rsa', 'ecdsa'].map((type) => [makeKeyPair(type).publicKey]);
    const before = await inside(vps, 'journalctl -q -u ssh | grep -c Accepted || true');
    for (const hostKeys of wrong) {
      const failure = openSession({ ...target, hostKeys }, { timeoutSeconds });
      await expect(failure).rejects.toMatchObject({ kind: 'host-key-mismatch' });
    }
    expect(await inside(vps, 'journalctl -q -u ssh | grep -c Accepted || true')).toBe(before);
  });

  it('accepts any one of the host’s keys, whichever is pinned', async () => {
    for (const key of vps.hostKeys)
      await withSession({ ...target, hostKeys: [key] }, async (session) => expect(session.alive).toBe(true));
  });

  it('uses the user’s agent where no identity is given, and only the identity where one is', async () => {
    const { file } = await clientIdentity();
    const stranger = await makeIdentity('stranger');
    const workspace = openWorkspace();
    vi.stubEnv('SSH_AUTH_SOCK', await startAgent(workspace, 'users-agent', readFileSync(file, 'utf8')));
    try {
      await withSession({ ...target, identity: undefined }, async (session) =>
        expect(session.alive).toBe(true),
      );
      await withSession({ ...target, identity: { file } }, async (session) =>
        expect(session.alive).toBe(true),
      );
      const strangers = [{ file: stranger.file }, { privateKey: readFileSync(stranger.file, 'utf8') }];
      for (const identity of strangers)
        await expect(openSession({ ...target, identity }, { timeoutSeconds })).rejects.toMatchObject({
          kind: 'auth-refused',
        });
    } finally {
      vi.unstubAllEnvs();
      await workspace.close();
    }
  });

  it('says when the user or key is not let in', async () => {
    const stranger = { privateKey: makeKeyPair().privateKey };
    await expect(openSession({ ...target, identity: stranger }, { timeoutSeconds })).rejects.toMatchObject({
      kind: 'auth-refused',
      seen: expect.stringContaining('Permission denied'),
    });
    await expect(openSession({ ...target, user: 'nobody-here' }, { timeoutSeconds })).rejects.toMatchObject({
      kind: 'auth-refused',
    });
  });

  it('becomes root by sudo, with code and data out of sight', async () => {
    await withSession({ ...target, user: 'op', sudo: true }, async (session) => {
      const script = 'id -u; echo "$HOME"; cat; ps -eo args | grep -c "[t]op-secret" || true';
      const result = await session.run({
        script,
        args: ['top-secret-argument'],
        stdin: 'top-secret\n',
        timeoutSeconds,
      });
      expect(result).toMatchObject({ code: 0, stdout: '0\n/root\ntop-secret\n0\n' });
    });
  });

  it('says when sudo refuses', async () => {
    await withSession({ ...target, user: 'beggar', sudo: true }, async (session) => {
      await expect(session.run({ argv: ['id'], timeoutSeconds })).rejects.toMatchObject({
        kind: 'sudo-refused',
        seen: expect.stringContaining('password is required'),
      });
    });
  });

  it('says what an account answers that runs something else', async () => {
    await withSession({ ...target, user: 'nologin' }, async (session) => {
      await expect(session.run({ argv: ['id'], timeoutSeconds })).rejects.toMatchObject({
        kind: 'no-shell',
        seen: expect.stringContaining('not available'),
      });
    });
    await inside(
      vps,
      `sed -i 's/^/command="echo Please login as debian; exit 142" /' /home/beggar/.ssh/authorized_keys`,
    );
    await withSession({ ...target, user: 'beggar' }, async (session) => {
      await expect(session.run({ argv: ['id'], timeoutSeconds })).rejects.toMatchObject({
        kind: 'no-shell',
        seen: expect.stringContaining('Please login as debian'),
      });
    });
  });

  it('is not disturbed by a noisy login', async () => {
    const noise = 'echo Welcome; printf "\\033[31mno newline"; echo warning >&2; export PATH=/nowhere IFS=x';
    writeFileSync(path.join(vps.root, 'home/op/.bashrc'), `${noise}\n`);
    await withSession({ ...target, user: 'op' }, async (session) => {
      const result = await session.run({
        script: 'echo out; echo err >&2; env | sort | head -1',
        timeoutSeconds,
      });
      expect(result).toEqual({ code: 0, signal: null, stdout: 'out\nHOME=/home/op\n', stderr: 'err\n' });
    });
  });

  it('works with other login shells', async () => {
    await inside(
      vps,
      'ln -sf /bin/dash /usr/local/bin/lone; echo /usr/local/bin/lone >>/etc/shells; usermod -s /usr/local/bin/lone op',
    );
    await withSession({ ...target, user: 'op' }, async (session) => {
      expect((await session.run({ argv: ['printf', '%s', "it's\n$(id)"], timeoutSeconds })).stdout).toBe(
        "it's\n$(id)",
      );
    });
  });

  it('survives the restart of the host’s sshd', async () => {
    await withSession(target, async (session) => {
      await session.run({ argv: ['systemctl', 'restart', 'ssh'], timeoutSeconds });
      expect((await session.run({ argv: ['echo', 'still here'], timeoutSeconds })).stdout).toBe(
        'still here\n',
      );
    });
  });

  it('gives up one program without losing the others', async () => {
    await withSession(target, async (session) => {
      const slow = session.run({ argv: ['sleep', '30'], timeoutSeconds: 1 });
      const endless = session.run({ argv: ['yes'], timeoutSeconds, maxOutputBytes: 100_000 });
      const fine = session.run({ script: 'sleep 1.5; echo fine', timeoutSeconds });
      await Promise.all([
        expect(slow).rejects.toMatchObject({
          kind: 'timeout',
          message: expect.stringContaining('may still be running'),
        }),
        expect(endless).rejects.toMatchObject({ kind: 'output-limit' }),
      ]);
      expect((await fine).stdout).toBe('fine\n');
      expect((await session.run({ argv: ['echo', 'next'], timeoutSeconds })).stdout).toBe('next\n');
    });
    await vi.waitFor(async () => expect(await inside(vps, 'pgrep -c yes || true')).toBe('0\n'), {
      timeout: 5000,
    });
  });
});
