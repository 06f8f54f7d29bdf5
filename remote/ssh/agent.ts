import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../error.ts';
import { sanitise } from '../sanitise.ts';
import { sshEnvironment } from './environment.ts';
import { waitFor } from './wait-for.ts';
import type { Workspace } from './workspace.ts';

const patience = 5000;

/** Loads a key into the agent on `socket`, through a pipe. False when the agent did not answer. */
async function addKey(workspace: Workspace, socket: string, privateKey: string): Promise<boolean> {
  // Detached, so without a controlling terminal: a key with a passphrase fails instead of asking for it.
  const child = spawn('ssh-add', ['-q', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
    env: { ...sshEnvironment(), SSH_AUTH_SOCK: socket },
    timeout: patience,
  });
  workspace.track(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(privateKey.endsWith('\n') ? privateKey : `${privateKey}\n`);
  const [code] = await once(child, 'close').catch(() => {
    throw new RemoteError('no-client', 'ssh-add is missing on this machine. Install the OpenSSH client.');
  });
  if (code === 0) return true;
  if (code === 2) return false;
  throw new RemoteError(
    'bad-identity',
    'ssh-add did not take the private key. Give one in OpenSSH or PEM format without a passphrase, or load it into your own agent and give none.',
    sanitise(said, 300),
  );
}

/**
 * Starts an agent that holds `privateKey` and nothing else and ends with the workspace.
 *
 * @returns the path of its socket.
 * @throws RemoteError `bad-identity` when the key cannot be read, `no-client` when ssh-agent does not run.
 */
export async function startAgent(workspace: Workspace, name: string, privateKey: string): Promise<string> {
  const socket = join(workspace.directory, name);
  const child = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: 'ignore',
    detached: true,
    env: sshEnvironment(),
  });
  child.unref();
  workspace.track(child);
  const ended = new AbortController();
  child.once('error', () => ended.abort());
  child.once('exit', () => ended.abort());
  await waitFor(
    workspace.directory,
    () => existsSync(socket) || ended.signal.aborted,
    patience,
    ended.signal,
  );
  if (ended.signal.aborted || !existsSync(socket))
    throw new RemoteError(
      'no-client',
      'ssh-agent did not start on this machine. Install the OpenSSH client.',
    );
  // The socket is there a moment before the agent listens on it.
  for (const deadline = performance.now() + patience; performance.now() < deadline; await sleep(5))
    if (await addKey(workspace, socket, privateKey)) return socket;
  throw new RemoteError('no-client', 'ssh-agent does not answer on this machine.');
}
