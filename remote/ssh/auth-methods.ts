import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RemoteError } from '../error.ts';
import { prepare } from './connection.ts';
import { readLog } from './diagnose.ts';
import { sshEnvironment } from './environment.ts';
import { cheapKeyExchange } from './options.ts';
import type { OpenOptions } from './session.ts';
import type { Way } from './way.ts';
import { openWorkspace } from './workspace.ts';

/**
 * The ways to log in that the server offers to somebody who shows no key, such as `['publickey']`; `['none']` when it
 * lets in without any. The host's key is checked as always; the way's identity is not used. Costs a failed login in the
 * eyes of the server.
 *
 * @throws TypeError for a way that is not usable; RemoteError when the server was not reached.
 */
export async function authMethods(way: Way, { timeoutSeconds, signal }: OpenOptions): Promise<string[]> {
  const workspace = openWorkspace();
  try {
    const nobody = { ...way, identity: { file: '/dev/null' }, totp: undefined };
    const connection = await prepare(nobody, workspace, timeoutSeconds);
    const none = ['-S', 'none', '-o', 'PreferredAuthentications=none', '-o', 'PubkeyAuthentication=no'];
    const child = spawn('ssh', [...none, ...cheapKeyExchange, ...connection.arguments(), 'true'], {
      stdio: 'ignore',
      detached: true,
      cwd: '/',
      env: sshEnvironment(),
      ...(signal === undefined ? {} : { signal }),
    });
    workspace.track(child);
    let cut = false;
    const timer = setTimeout(() => {
      cut = true;
      child.kill('SIGKILL');
    }, timeoutSeconds * 1000);
    await once(child, 'exit').catch((error: Error) => {
      if (error.name === 'AbortError')
        throw new RemoteError('cancelled', 'the connection was no longer wanted');
      throw new RemoteError('no-client', 'ssh is missing on this machine. Install the OpenSSH client.');
    });
    clearTimeout(timer);
    const log = connection.log();
    if (readLog(log).authenticated) return ['none'];
    const offered = /: Permission denied \(([^)]*)\)/.exec(log)?.[1];
    if (offered === undefined) throw connection.failure(cut);
    return offered.split(',').filter((method) => method !== '');
  } finally {
    await workspace.close();
  }
}
