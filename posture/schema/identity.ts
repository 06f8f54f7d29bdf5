import { z } from 'zod';
import { LocalPath } from './text.ts';

/** How the deployer proves who it is to the host's sshd. */
export const Identity = z
  .union(
    [
      z.strictObject({ file: LocalPath.describe('Private key file on this machine.') }),
      z.strictObject({
        privateKey: z
          .string()
          .min(1)
          .describe('The private key itself, set as a secret. Goes into a private agent, never onto disk.'),
      }),
    ],
    { error: 'must be {file: path} or {privateKey: secret}' },
  )
  .describe(
    'How the deployer logs in: a key file, or a private key given as a secret. Without it: your ssh agent and default keys.',
  );

/** How the deployer proves who it is; absent means the user's agent and default keys. */
export type Identity = z.infer<typeof Identity>;
