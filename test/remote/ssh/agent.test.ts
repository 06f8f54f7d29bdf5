import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAgent } from '../../../remote/ssh/agent.ts';
import { openWorkspace, type Workspace } from '../../../remote/ssh/workspace.ts';
import { makeKeyPair } from './keys.ts';
import { processesWith } from './processes.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = openWorkspace();
});
afterEach(() => workspace.close());

describe('startAgent', () => {
  it.each(['ed25519', 'rsa', 'ecdsa'])('holds an %s key, and nothing else', async (type) => {
    const { privateKey, publicKey } = makeKeyPair(type);
    const socket = await startAgent(workspace, 'agent', privateKey.trimEnd());
    const held = execFileSync('ssh-add', ['-L'], {
      env: { SSH_AUTH_SOCK: socket, PATH: process.env.PATH },
      encoding: 'utf8',
    });
    expect(held.trim()).toBe(publicKey);
  });

  it('writes the key neither to disk nor to a command line', async () => {
    const { privateKey } = makeKeyPair();
    await startAgent(workspace, 'agent', privateKey);
    const line = privateKey.split('\n')[2] ?? '';
    for (const name of readdirSync(workspace.directory)) {
      const file = join(workspace.directory, name);
      if (statSync(file).isFile()) expect(readFileSync(file, 'latin1')).not.toContain(line);
    }
    expect(processesWith(line)).toEqual([]);
  });

  it('ends with the workspace', async () => {
    const socket = await startAgent(workspace, 'agent', makeKeyPair().privateKey);
    expect(processesWith(socket)).toHaveLength(1);
    await workspace.close();
    expect(processesWith(socket)).toEqual([]);
  });

  it.each([
    ['a key with a passphrase', () => makeKeyPair('ed25519', 'a passphrase').privateKey],
    ['a public key', () => makeKeyPair().publicKey],
    ['something else', () => 'secret but no key'],
    ['nothing', () => ''],
  ])('refuses %s at once, without asking and without quoting it', async (_what, text) => {
    const key = text();
    const begin = performance.now();
    const failure = await startAgent(workspace, 'agent', key).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'RemoteError', kind: 'bad-identity' });
    if (key !== '') expect(String(failure)).not.toContain(key.split('\n')[1] ?? key);
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
