import { readFileSync } from 'node:fs';
import type { ResolvedHost } from '../../posture/resolve.ts';
import { isUsableKey } from '../../posture/validate/private-key.ts';
import { localPath } from '../stack-config.ts';
import { refusal } from './refusal.ts';

/**
 * The private key that a host's tasks log in with, or undefined when the user's agent is to be asked. Pulumi's command
 * plugin has an SSH client of its own, which knows keys and agents and nothing of ~/.ssh.
 *
 * @param agent the agent's socket, from SSH_AUTH_SOCK.
 * @throws pulumi.RunError when there is neither.
 */
export function loginKey(
  { name, identity }: Pick<ResolvedHost, 'name' | 'identity'>,
  agent = process.env['SSH_AUTH_SOCK'],
): string | undefined {
  const key =
    identity === undefined ? undefined : 'privateKey' in identity ? identity.privateKey : read(identity.file);
  if (key !== undefined && isUsableKey(key)) return key;
  if (agent !== undefined && agent !== '') return undefined;
  throw refusal(
    `The tasks of ${name} cannot log in: ${why(identity)}, and no agent is running (SSH_AUTH_SOCK); load the key into an ssh-agent, or give one without a passphrase as identity.file or identity.privateKey.`,
  );
}

function read(file: string): string | undefined {
  try {
    return readFileSync(localPath(file), 'utf8');
  } catch {
    return undefined;
  }
}

function why(identity: ResolvedHost['identity']): string {
  if (identity === undefined) return 'no identity is configured';
  return 'file' in identity
    ? `identity.file (${identity.file}) is not a private key that can be read without a passphrase`
    : 'identity.privateKey is not a private key without a passphrase';
}
