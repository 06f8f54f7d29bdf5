import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import { startAgent } from '../../remote/ssh/agent.ts';
import { openWorkspace } from '../../remote/ssh/workspace.ts';
import { makeKeyPair } from '../remote/ssh/keys.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { givesAway, host, projectWith } from './fixture.ts';

// A door that is open already, and a client that writes down what it was given.
const server: Server = createServer((socket) => socket.on('error', () => {}));
const folder = temporaryFolder();
let devnet1: FleetHost;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  devnet1 = host('devnet-1', { sshPort: address.port });
  const fake = join(import.meta.dirname, 'fake-ssh.sh');
  execFileSync('ln', ['-s', fake, join(folder, 'ssh')]);
});
afterAll(() => {
  server.close();
});

function client(status = 0) {
  const log = join(temporaryFolder(), 'argv');
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    FAKE_LOG: log,
    FAKE_STATUS: String(status),
  };
  return { env, argv: () => readFileSync(log, 'utf8').trimEnd().split('\n') };
}

it('gives ssh the pinned key, the administrator and the configured identity, behind no other proxy', async () => {
  const { env, argv } = client();
  const project = projectWith({ devnet: { hosts: [devnet1] } }, { env });
  expect(await project.postern('ssh', 'devnet-1')).toEqual({ code: 0, stdout: '', stderr: '' });
  const options = argv();
  const knownHosts = join(project.folder, '.postern/ssh/devnet/known_hosts');
  for (const option of [
    'User=ops',
    `Port=${devnet1.sshPort}`,
    'HostName=127.0.0.1',
    'AddressFamily=inet',
    'HostKeyAlias=devnet-1.devnet.postern',
    `UserKnownHostsFile="${knownHosts}"`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'ProxyCommand=none',
    `IdentityFile="${join(project.folder, 'keys/id')}"`,
  ])
    expect(options).toContain(option);
  expect(options.slice(-2)).toEqual(['--', 'devnet-1']);
  expect(readFileSync(knownHosts, 'utf8')).toBe(`devnet-1.devnet.postern ${devnet1.hostKeys[0]}\n`);
  expect(givesAway(options.join())).toBe(false);
});

it('passes the command on word for word, and its exit status back', async () => {
  const { env, argv } = client(7);
  const { postern } = projectWith({ devnet: { hosts: [devnet1] } }, { env });
  const { code } = await postern('ssh', 'devnet-1', '-t', '--', 'sudo', '-i', '--', 'a b');
  expect(code).toBe(7);
  expect(argv()).toContain('-t');
  expect(argv().slice(-6)).toEqual(['--', 'devnet-1', 'sudo', '-i', '--', 'a b']);
});

it('prefers the identity of the host to that of the stack, and finds ~ and relative paths', async () => {
  const config = {
    'postern:identity': { objectValue: { file: 'keys/all' } },
    'postern:hosts': {
      objectValue: [{ name: 'devnet-1', identity: { file: '~/own' }, target: { type: 'lab' } }],
    },
  };
  const { env, argv } = client();
  const project = projectWith({ devnet: { hosts: [devnet1], config } }, { env });
  await project.postern('ssh', 'devnet-1');
  expect(argv()).toContain(`IdentityFile="${join(project.home, 'own')}"`);
  expect(argv().join()).not.toContain('keys/all');
});

it('uses your agent and default keys where no identity is configured', async () => {
  const { env, argv } = client();
  await projectWith({ devnet: { hosts: [devnet1], config: {} } }, { env }).postern('ssh', 'devnet-1');
  expect(argv().join()).not.toMatch(/IdentityFile|IdentitiesOnly/);
});

it('has your agent offer first those of the administrator’s keys that it holds, where no identity is configured', async () => {
  const workspace = openWorkspace();
  try {
    const { env, argv } = client();
    const own = makeKeyPair();
    const SSH_AUTH_SOCK = await startAgent(workspace, 'agent', own.privateKey);
    // OpenSSH would offer the other one, too, which nobody here can sign with.
    const adminKeys = [makeKeyPair().publicKey, own.publicKey];
    const stacks = { devnet: { hosts: [{ ...devnet1, adminKeys }], config: {} } };
    await projectWith(stacks, { env: { ...env, SSH_AUTH_SOCK } }).postern('ssh', 'devnet-1');
    const files = argv().flatMap((option) => /^IdentityFile="(.*\.pub)"$/.exec(option)?.[1] ?? []);
    expect(files.map((file) => readFileSync(file, 'utf8').trim())).toEqual([own.publicKey]);
    expect(argv()).not.toContain('IdentitiesOnly=yes');
  } finally {
    await workspace.close();
  }
});

it('holds a private key from the configuration in an agent, which ends with ssh', async () => {
  const file = join(temporaryFolder(), 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'from-config', '-f', file]);
  const privateKey = readFileSync(file, 'utf8');
  const config = { 'postern:identity': { objectValue: { privateKey }, secret: true } };
  const { env, argv } = client();
  const { postern } = projectWith({ devnet: { hosts: [devnet1], config } }, { env });
  expect(await postern('ssh', 'devnet-1')).toMatchObject({ code: 0, stderr: '' });
  // The fake client lists what the agent it was given holds.
  expect(argv().join('\n')).toMatch(/agent holds: 256 SHA256:\S+ from-config/);
  const socket = /IdentityAgent=(\S+)/.exec(argv().join('\n'))?.[1] ?? '';
  expect(() => chmodSync(socket, 0o600)).toThrow('ENOENT');
  expect(argv().join()).not.toContain(privateKey.split('\n')[1]);
});

it('ends with 255, as ssh does, where no connection comes about', async () => {
  const { env } = client();
  const { postern } = projectWith({ devnet: { hosts: [devnet1] } }, { env });
  expect(await postern('ssh', 'devnet-1', '-6')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('IPv6'),
  });
  expect(await postern('ssh', 'devnet-1', '-4', '-6')).toMatchObject({ code: 2 });
});

it('names the property, not the value, where the configuration is not understood', async () => {
  const config = { 'postern:identity': { objectValue: { privateKey: 'secret words', passphrase: 'more' } } };
  const { env } = client();
  const { code, stderr } = await projectWith({ devnet: { hosts: [devnet1], config } }, { env }).postern(
    'ssh',
    'devnet-1',
  );
  expect(code).toBe(255);
  expect(stderr).toContain('identity');
  expect(stderr).not.toMatch(/secret words|more/);
});

it('says that ssh is missing where it is', async () => {
  const bin = temporaryFolder();
  for (const tool of ['sh', 'cat']) execFileSync('ln', ['-s', `/bin/${tool}`, join(bin, tool)]);
  const { postern } = projectWith({ devnet: { hosts: [devnet1] } }, { env: { PATH: bin } });
  expect(await postern('ssh', 'devnet-1')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('ssh could not be started'),
  });
});
