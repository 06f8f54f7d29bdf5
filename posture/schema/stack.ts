import { z } from 'zod';
import { NETWORKS } from '../network.ts';
import { AdminSection } from './admin.ts';
import { FirewallSection } from './firewall.ts';
import { Identity } from './identity.ts';
import { KnockSection } from './knock.ts';
import { HostKey } from './public-key.ts';
import { BackupSection, VerifySection } from './safety.ts';
import { SshSection } from './ssh.ts';
import { System } from './system.ts';
import { Target } from './target.ts';
import { Task } from './task.ts';
import { HostName } from './text.ts';

/** The sections that a stack sets for all its hosts and a host may override key by key. */
export const sections = {
  admin: AdminSection.optional().describe('Who may log in.'),
  ssh: SshSection.optional().describe('The front door: the sshd behind the knock.'),
  firewall: FirewallSection.optional().describe('What is reachable without a knock.'),
  knock: KnockSection.optional().describe('What opens the front door.'),
  backup: BackupSection.optional().describe('The second way in, which is there only while a change is made.'),
  verify: VerifySection.optional().describe(
    'How a change is proven from outside, and how long the host waits for it.',
  ),
  system: System.optional().describe(
    'The family of the host’s operating system, `debian` by default. `rhel`: version 9 or 10 of Red Hat Enterprise Linux, Rocky Linux, AlmaLinux, CentOS Stream; the firewall is firewalld then. Rendered and tested, but never run on a real host of that family; docs/rhel.md says what that means.',
  ),
  identity: Identity.optional(),
  tasks: z
    .array(Task)
    .optional()
    .describe('Commands and copies that run, in order, on the sealed host through the knocked door.'),
};

/** One host of a stack. */
export const Host = z.strictObject({
  name: HostName.describe('The host’s name, unique in the stack.'),
  target: Target.prefault({ type: 'lab' }),
  acceptHostKeys: z
    .array(HostKey)
    .optional()
    .describe(
      'Public host keys, `type base64`, that you vouch for besides those that the state has: the next `up` also comes in where the host shows one of them. For a state that was lost or is older than the host; from the provider’s console, never from the network. Take it out again once `up` has gone through.',
    ),
  ...sections,
});

/** One host of a stack, as configured. */
export type Host = z.infer<typeof Host>;

/** The whole configuration of a stack: the keys `postern:…` of `stacks/Pulumi.<stack>.yaml`. */
export const Stack = z.strictObject({
  network: z
    .enum(NETWORKS, { error: `must be one of ${NETWORKS.join(', ')}` })
    .describe(
      'The network the stack’s nodes belong to; it decides the peer-to-peer port. By default the stack’s name.',
    ),
  hosts: z
    .array(Host)
    .min(1, 'must name at least one host')
    .max(250, 'must be at most 250 hosts; use several stacks for more')
    .describe('The stack’s hosts, 1–250.'),
  ...sections,
});

/** The whole configuration of a stack, as configured. */
export type Stack = z.infer<typeof Stack>;
