import { z } from 'zod';
import { Identity } from './identity.ts';
import { HostKey } from './public-key.ts';
import { Address, AddressV6, Cidr, Port, Slug, UserName } from './text.ts';

const HostKeys = z
  .array(HostKey)
  .min(
    1,
    'must hold at least one host key: an unpinned first contact could be with anybody (ssh-keyscan from the provider’s console shows it)',
  );

/** A VPS on this machine: systemd, sshd and a kernel firewall of its own. */
export const LabTarget = z.strictObject({
  type: z.literal('lab').describe('Where the VPS comes from.'),
  release: z
    .enum(['bookworm', 'trixie', 'bullseye'])
    .default('bookworm')
    .describe('Debian release of the lab VPS: 12 (bookworm), 13 (trixie) or 11 (bullseye).'),
});

/** A host that already exists. */
export const ExistingTarget = z.strictObject({
  type: z.literal('existing'),
  address: Address.describe('IPv4 address or DNS name; an IPv6 address where the host has no other.'),
  addressV6: AddressV6.optional().describe('IPv6 address, where the host has one.'),
  port: Port.default(22).describe('Port its sshd listens on before the first change.'),
  user: UserName.default('root').describe(
    'User of the first login; others than root need sudo without password.',
  ),
  hostKeys: HostKeys.describe('The host’s public keys, `type base64`. Never taken from the network.'),
  jump: z
    .strictObject({
      address: Address.describe('Address of the jump host.'),
      port: Port.default(22).describe('Its sshd’s port.'),
      user: UserName.describe('User on it.'),
      hostKeys: HostKeys.describe('Its public keys.'),
      identity: Identity.optional().describe(
        'How to log in to it: a key file, or a private key given as a secret. Without it: your ssh agent and default keys, as with `ssh -J`.',
      ),
    })
    .optional()
    .describe('A host to go through (ssh -J). Logins, knocks and probes then come from it.'),
});

/** A droplet that is made for the stack. */
export const DigitalOceanTarget = z.strictObject({
  type: z.literal('digitalocean'),
  region: Slug.describe('Region slug, such as fra1.'),
  size: Slug.default('s-1vcpu-1gb').describe('Size slug.'),
  image: Slug.default('debian-12-x64').describe('Image slug; an image of Debian 11, 12 or 13.'),
  deployerCidrs: z
    .array(Cidr)
    .default([])
    .describe(
      'Networks that deploy; the cloud firewall passes the backup port to these only. Empty: to anywhere.',
    ),
  protect: z
    .boolean()
    .default(true)
    .describe(
      'Refuse whatever would delete the droplet with its data: another region, its removal, `npm run down`. `false` in an `up` of its own, or in the one that is to replace it, allows that.',
    ),
});

/** Where a VPS comes from. */
export const Target = z
  .discriminatedUnion('type', [LabTarget, ExistingTarget, DigitalOceanTarget], {
    error: 'must have type lab, existing or digitalocean',
  })
  .describe('Where the VPS comes from: `lab` (on this machine), `existing` or `digitalocean`.');

/** Where a VPS comes from, with defaults filled in. */
export type Target = z.infer<typeof Target>;
