import { z } from 'zod';
import { HostCommand, HostPath } from './host-path.ts';
import { Port, UserName } from './text.ts';

/** Keys of the section `ssh`. */
export const sshFields = {
  port: Port.describe(
    'TCP port of the front door, the sshd behind the knock. On one above 1023 any user of the host may listen while sshd restarts, which the change says.',
  ),
  profile: z
    .enum(['modern', 'compatible', 'post-quantum'])
    .describe(
      'Cryptography. `modern`: the lists of ssh-audit’s hardening guides, cut to what the host’s sshd knows. `compatible`: besides, what clients in FIPS mode and older ones need (NIST curves, MACs without etm). `post-quantum`: only key exchanges that withstand a quantum computer; refused where the ssh client of the deployer knows none of them.',
    ),
  allowTcpForwarding: z.boolean().describe('`ssh -L`, `-R` and `-J` through the host.'),
  maxAuthTries: z
    .int()
    .min(3, 'must be at least 3: an agent with several keys would be cut off before the right one')
    .max(10, 'must be at most 10')
    .describe('sshd_config(5) MaxAuthTries.'),
  clientAliveSeconds: z
    .int()
    .min(0)
    .max(3600)
    .describe(
      'Seconds of silence after which sshd asks the client whether it lives (ClientAliveInterval); twice unanswered ends the session.',
    ),
  secondFactor: z
    .enum(['none', 'totp'])
    .optional()
    .describe(
      '`totp`: the administrator’s login takes a code of an authenticator app besides the key. Generated, proven by a login, then required; `pulumi stack output secondFactor --show-secrets` enrols an app. By default `none`.',
    ),
  secondFactorGeneration: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(
      'Raise by one to have a new secret for the codes; apps have to be enrolled again. By default 0.',
    ),
  trustedUserCAKeys: HostPath.optional().describe(
    'sshd_config(5) TrustedUserCAKeys: a file on the host with the public keys of certificate authorities. A certificate of theirs for the administrator’s name logs in as the administrator. By default none, whatever other files of sshd say.',
  ),
  authorizedPrincipalsFile: HostPath.optional().describe(
    'sshd_config(5) AuthorizedPrincipalsFile: a file on the host with the names that a certificate has to hold one of, instead of the administrator’s name. Only with `trustedUserCAKeys`. By default none.',
  ),
  authorizedPrincipalsCommand: HostCommand.optional().describe(
    'sshd_config(5) AuthorizedPrincipalsCommand: a program on the host that prints such names. Only with `trustedUserCAKeys`. By default none.',
  ),
  authorizedPrincipalsCommandUser: UserName.optional().describe('The user that runs it. By default nobody.'),
  authorizedKeysCommand: HostCommand.optional().describe(
    'sshd_config(5) AuthorizedKeysCommand: a program on the host that prints keys which log in as the administrator, besides `admin.authorizedKeys`. By default none, whatever other files of sshd say.',
  ),
  authorizedKeysCommandUser: UserName.optional().describe('The user that runs it. By default nobody.'),
  hostKeyGeneration: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe(
      'Raise by one to replace the host’s keys (ed25519 and RSA-4096). The client knows the new ones before they are in force. 0 keeps the host’s own.',
    ),
};

/** The section `ssh`: the front door's sshd. */
export const SshSection = z.strictObject(sshFields).partial();

/** `ssh` with every default filled in. */
export type Ssh = z.infer<z.ZodObject<typeof sshFields>>;

/** What an absent key of `ssh` means. */
export const sshDefaults: Ssh = {
  port: 22,
  profile: 'modern',
  allowTcpForwarding: false,
  maxAuthTries: 3,
  clientAliveSeconds: 300,
  hostKeyGeneration: 0,
};
