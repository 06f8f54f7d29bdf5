import { z } from 'zod';
import { Port } from './text.ts';

/** Keys of the section `backup`. */
export const backupFields = {
  port: Port.describe(
    'TCP port of the backup sshd, the channel of the change; open for the deployer’s address only and only while a change is under way. Another one than sshd listens on when the change begins. If a user of the host holds it, the change takes a free port below 1024, where only root may listen.',
  ),
  waitSeconds: z
    .int()
    .min(5)
    .max(600)
    .optional()
    .describe(
      'How long the deployer waits, in seconds, until a firewall on the way passes the backup port: a cloud’s rules may take effect late. 60 by default. The host does not roll back meanwhile.',
    ),
};

/** The section `backup`: the second way in while a change is made. */
export const BackupSection = z.strictObject(backupFields).partial();

/** `backup` with every default filled in. */
export type Backup = z.infer<z.ZodObject<typeof backupFields>>;

/** What an absent key of `backup` means. */
export const backupDefaults: Backup = { port: 2222 };

/** Keys of the section `verify`. */
export const verifyFields = {
  rollbackSeconds: z
    .int()
    .min(30, 'must be at least 30 seconds')
    .max(3600, 'must be at most 3600 seconds')
    .describe(
      'Seconds of silence from the deployer after which the host rolls the change back by itself. Counted on the host’s boot-time clock; each step of the change starts it anew, and while a step of the host itself is at work (at most 300 s, or this long, if it is more) it does not run.',
    ),
  attempts: z
    .int()
    .min(1)
    .max(20)
    .describe(
      'How often the right sequence is tried before the door counts as not opening; packets get lost.',
    ),
  ipv6: z
    .enum(['auto', 'require', 'skip'])
    .describe(
      'Verification over IPv6: `auto` where host and deployer have it, `require` fails without it, `skip` never tries; what is not verified is said in `unverified` of the output `hosts`, in the table of `up` and by `postern status`.',
    ),
  silenceMilliseconds: z
    .int()
    .min(100)
    .max(10_000)
    .optional()
    .describe(
      'How long a port has to stay silent to count as closed; by default ten times the measured round trip, 250 to 2000 ms.',
    ),
};

/** The section `verify`: how the change is proven from outside. */
export const VerifySection = z.strictObject(verifyFields).partial();

/** `verify` with every default filled in. */
export type Verify = z.infer<z.ZodObject<typeof verifyFields>>;

/** What an absent key of `verify` means. */
export const verifyDefaults: Verify = { rollbackSeconds: 120, attempts: 5, ipv6: 'auto' };
