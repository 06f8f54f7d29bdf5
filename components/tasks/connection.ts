import type { types } from '@pulumi/command';
import type * as pulumi from '@pulumi/pulumi';
import { all, secret } from '@pulumi/pulumi/output.js';
import { refusal } from './refusal.ts';
import type { SealedHost } from './sealed-host.ts';

/** How Pulumi's command plugin logs in. */
export type Connection = types.input.remote.ConnectionArgs;

/**
 * The one host key that is pinned. The plugin's SSH client takes a single key and asks for the signature algorithm of
 * its name: for an RSA key that is SHA-1's, which no hardened sshd offers.
 *
 * @throws pulumi.RunError when the host has no ed25519 key.
 */
export function pinnedKey(host: string, hostKeys: readonly string[]): string {
  const key = hostKeys.find((line) => line.startsWith('ssh-ed25519 '));
  if (key !== undefined) return key;
  throw refusal(
    `The tasks of ${host} cannot run: it has no ed25519 host key to pin; raise ssh.hostKeyGeneration to have one made.`,
  );
}

/**
 * The way to a sealed host for the command plugin, with its host key pinned. Secret.
 *
 * @param privateKey what to log in with; undefined: the user's agent.
 */
export function connectionOf(
  { host, way, hardening }: SealedHost,
  privateKey: string | undefined,
): pulumi.Output<Connection> {
  const { posture, name } = host;
  return secret(
    all([way, hardening.sealed]).apply(([{ address }, sealed]) => ({
      host: address,
      port: posture.ssh.port,
      user: posture.admin.user,
      // A run that left the host out leaves its tasks out.
      hostKey: sealed === undefined ? '' : pinnedKey(name, sealed.hostKeys),
      // Without a key the plugin finds the agent by SSH_AUTH_SOCK itself. Its path is another one in every login, so
      // as an input it would run every task again each time.
      ...(privateKey === undefined ? {} : { privateKey }),
      // The door is known to be open when the plugin connects.
      perDialTimeout: 10,
      dialErrorLimit: 2,
    })),
  );
}
