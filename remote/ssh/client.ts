import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sshEnvironment } from './environment.ts';

/**
 * The key exchanges that this machine's ssh client knows, as it says itself (`ssh -Q kex`); none where there is no
 * client.
 */
export async function clientKex(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('ssh', ['-Q', 'kex'], {
      env: sshEnvironment(),
      timeout: 10_000,
    });
    return stdout.split('\n').filter((name) => name !== '');
  } catch {
    return [];
  }
}
