import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { LabVps } from '../../../lab/vps.ts';
import { startAgent } from '../../../remote/ssh/agent.ts';
import { fingerprint } from '../../../remote/ssh/host-keys.ts';
import { logInOnce } from '../../../remote/ssh/login.ts';
import { openSession } from '../../../remote/ssh/session.ts';
import type { SshTarget } from '../../../remote/ssh/target.ts';
import { openWorkspace } from '../../../remote/ssh/workspace.ts';
import { clientIdentity, freshVps } from '../../lab/fixture.ts';
import { inside, wayTo } from '../lab.ts';
import { makeKeyPair } from './keys.ts';
import { children } from './processes.ts';

const timeoutSeconds = 10;
let vps: LabVps;
let target: SshTarget;

beforeAll(async () => {
  vps = await freshVps();
  target = await wayTo(vps);
});

describe('login', () => {
  it.each(['address', 'addressV6'] as const)(
    'makes a fresh connection to the %s each time',
    async (which) => {
      const program = {
        script: 'read -r nonce; echo "$nonce $SSH_CONNECTION"',
        stdin: 'nonce\n',
        timeoutSeconds,
      };
      const first = await logInOnce({ ...target, address: vps[which] }, program);
      const second = await logInOnce({ ...target, address: vps[which] }, program);
      expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('nonce '), stderr: '' });
      expect(first.stdout).not.toBe(second.stdout);
      expect(first.hostKey).toBe(fingerprint(vps.hostKeys[0] ?? ''));
      expect(first.server).toMatch(/^OpenSSH_/);
      expect(children()).toEqual([]);
    },
  );

  it('comes from the address it is told to', async () => {
    const [sourceAddress = ''] = vps.otherClients;
    const { stdout } = await logInOnce(
      { ...target, sourceAddress },
      { script: 'echo "$SSH_CONNECTION"', timeoutSeconds },
    );
    expect(stdout.split(' ')[0]).toBe(sourceAddress);
  });

  it('says who refused and why', async () => {
    const program = { argv: ['id'], timeoutSeconds };
    const stranger = { ...target, identity: { privateKey: makeKeyPair().privateKey } };
    await expect(logInOnce(stranger, program)).rejects.toMatchObject({ kind: 'auth-refused' });
    const impostor = { ...target, hostKeys: [makeKeyPair().publicKey] };
    await expect(logInOnce(impostor, program)).rejects.toMatchObject({ kind: 'host-key-mismatch' });
    await expect(logInOnce({ ...target, port: 2222 }, program)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('tells a dropped connection from a closed port, and waits no longer than allowed', async () => {
    await inside(
      vps,
      "nft 'add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule inet t in tcp dport 22 drop'",
    );
    try {
      const begin = performance.now();
      await expect(logInOnce(target, { argv: ['id'], timeoutSeconds: 0.5 })).rejects.toMatchObject({
        kind: 'silent',
      });
      await expect(openSession(target, { timeoutSeconds: 1 })).rejects.toMatchObject({ kind: 'silent' });
      expect(performance.now() - begin).toBeLessThan(3000);
    } finally {
      await inside(vps, 'nft delete table inet t');
    }
  });
});

describe('what a server offers, as a login sees it', () => {
  const offered = async (user = target.user) =>
    (await logInOnce({ ...target, user }, { argv: ['id'], timeoutSeconds })).offered;

  it('is what it takes from who shows no key', async () => {
    expect(await offered()).toEqual(['publickey', 'password']);
    await inside(
      vps,
      'echo "PasswordAuthentication no" >/etc/ssh/sshd_config.d/00-no.conf; systemctl reset-failed ssh; systemctl restart ssh',
    );
    expect(await offered()).toEqual(['publickey']);
    await inside(
      vps,
      'rm /etc/ssh/sshd_config.d/00-no.conf; systemctl reset-failed ssh; systemctl restart ssh',
    );
  });

  it('is none where none is needed', async () => {
    await inside(
      vps,
      `useradd -m open; passwd -d open
       echo 'PermitEmptyPasswords yes' >/etc/ssh/sshd_config.d/00-open.conf; systemctl reset-failed ssh; systemctl restart ssh`,
    );
    expect(await offered('open')).toEqual(['none']);
    await inside(
      vps,
      'rm /etc/ssh/sshd_config.d/00-open.conf; systemctl reset-failed ssh; systemctl restart ssh',
    );
  });
});

describe('a tunnel through a session', () => {
  it('reaches a server that listens on the host only', async () => {
    await inside(
      vps,
      `mkdir -p /run/sshd; /usr/sbin/sshd -p 2299 -o ListenAddress=127.0.0.1 -o PidFile=/run/candidate.pid`,
    );
    const session = await openSession(target, { timeoutSeconds });
    try {
      const inner: SshTarget = { ...target, address: '127.0.0.1', port: 2299, via: { session } };
      const { stdout } = await logInOnce(inner, { script: 'echo "$SSH_CONNECTION"', timeoutSeconds });
      expect(stdout).toMatch(/^127\.0\.0\.1 \d+ 127\.0\.0\.1 2299\n$/);
      const nested = await openSession(inner, { timeoutSeconds });
      expect((await nested.run({ argv: ['hostname'], timeoutSeconds })).stdout).toBe(`${vps.name}\n`);
      await nested.close();
      const impostor = { ...inner, hostKeys: [makeKeyPair().publicKey] };
      await expect(logInOnce(impostor, { argv: ['id'], timeoutSeconds })).rejects.toMatchObject({
        kind: 'host-key-mismatch',
      });
    } finally {
      await session.close();
    }
  });
});

describe('a jump host', () => {
  // The target's second sshd listens on its loopback address, so only the jump leads there.
  const behind = (more: Partial<SshTarget> = {}): SshTarget => ({
    ...target,
    address: '127.0.0.1',
    port: 2299,
    jump: target,
    ...more,
  });

  it('leads to a host behind it', async () => {
    const session = await openSession(behind(), { timeoutSeconds });
    expect((await session.run({ argv: ['hostname'], timeoutSeconds })).stdout).toBe(`${vps.name}\n`);
    await session.close();
    expect(children()).toEqual([]);
  });

  it('has a pinned key of its own, and is named where it is to blame', async () => {
    const impostor = { ...target, hostKeys: [makeKeyPair().publicKey] };
    await expect(openSession(behind({ jump: impostor }), { timeoutSeconds })).rejects.toMatchObject({
      kind: 'host-key-mismatch',
      message: expect.stringContaining('jump host'),
    });
    await expect(
      openSession(behind({ hostKeys: impostor.hostKeys }), { timeoutSeconds }),
    ).rejects.toMatchObject({
      kind: 'host-key-mismatch',
      message: expect.not.stringContaining('jump host'),
    });
    const stranger = { ...target, identity: { privateKey: makeKeyPair().privateKey } };
    await expect(openSession(behind({ jump: stranger }), { timeoutSeconds })).rejects.toMatchObject({
      kind: 'auth-refused',
      message: expect.stringContaining('jump host'),
    });
    await expect(
      openSession(behind({ jump: { ...target, port: 2222 } }), { timeoutSeconds }),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('jump host'),
    });
  });
});

describe('an agent with more keys than sshd takes', () => {
  it('has those offered first that the account is known to let in', async () => {
    const workspace = openWorkspace();
    try {
      const others = Array.from({ length: 5 }, () => makeKeyPair().privateKey);
      const socket = await startAgent(workspace, 'agent', others[0] ?? '');
      const { file, publicKey } = await clientIdentity();
      const keys = [...others.slice(1), readFileSync(file, 'utf8')];
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      for (const input of keys) execFileSync('ssh-add', ['-q', '-'], { input, env, stdio: 'pipe' });
      await inside(vps, 'echo "MaxAuthTries 3" >/etc/ssh/sshd_config.d/01-tries.conf; systemctl reload ssh');
      vi.stubEnv('SSH_AUTH_SOCK', socket);
      const program = { argv: ['id', '-un'], timeoutSeconds };
      const withAgent = { ...target, identity: undefined };
      await expect(logInOnce(withAgent, program)).rejects.toThrow(/auth|log in/);
      const knownKeys = [makeKeyPair().publicKey, publicKey];
      await expect(logInOnce({ ...withAgent, knownKeys }, program)).resolves.toMatchObject({
        stdout: 'root\n',
      });
    } finally {
      vi.unstubAllEnvs();
      await workspace.close();
    }
  });
});
