import { z } from 'zod';
import { NETWORKS } from '../network.ts';
import { adminFields } from './admin.ts';
import { firewallFields, Rule } from './firewall.ts';
import { knockFields } from './knock.ts';
import { PublicKey } from './public-key.ts';
import { backupFields, verifyFields } from './safety.ts';
import { sshFields } from './ssh.ts';
import { System } from './system.ts';
import { HostName } from './text.ts';

/**
 * What one host should be: every default filled in, key files read, the network's ports among the rules, and nothing
 * secret. The input of `Hardening`; the same posture always renders to the same bytes.
 */
export const Posture = z.strictObject({
  host: HostName,
  network: z.enum(NETWORKS),
  system: System.optional(),
  admin: z.strictObject({
    user: adminFields.user,
    takeOver: adminFields.takeOver,
    authorizedKeys: z
      .array(PublicKey)
      .min(1, 'must hold at least one public key: without one nobody could log in'),
  }),
  ssh: z.strictObject(sshFields),
  firewall: z.strictObject({
    backend: firewallFields.backend,
    rules: z.array(Rule),
    icmpEcho: firewallFields.icmpEcho,
    foreignRules: firewallFields.foreignRules,
    // Absent where it is `refuse`, as in states from before there was a choice.
    unlisted: firewallFields.unlisted.optional(),
  }),
  knock: z.strictObject({
    engine: knockFields.engine,
    door: knockFields.door,
    openSeconds: knockFields.openSeconds,
    timeoutSeconds: knockFields.timeoutSeconds,
    interface: knockFields.interface,
  }),
  backup: z.strictObject(backupFields),
  verify: z.strictObject(verifyFields),
});

/** What one host should be. */
export type Posture = z.infer<typeof Posture>;
