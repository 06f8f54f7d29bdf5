import type * as pulumi from '@pulumi/pulumi';
import { RunError } from '@pulumi/pulumi/errors.js';
import { all, secret } from '@pulumi/pulumi/output.js';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { ResolvedHost } from '../../posture/resolve.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Target } from '../../posture/schema/target.ts';
import { identityInput } from '../identity-input.ts';
import { FirstBoot, type Hardening, HostKeys, type WayInput } from '../resources.ts';
import type { Source } from '../vps-source.ts';
import { knockRules, MOST_RULES, OUTBOUND_RULES, openRules } from './cloud-firewall.ts';
import { digitalocean } from './plugin.ts';
import { userData } from './user-data.ts';

type DigitalOceanTarget = Extract<Target, { type: 'digitalocean' }>;

/** A droplet that a stack asks for. */
export interface DropletArgs {
  readonly target: DigitalOceanTarget;
  /** Secret: their ports have to pass the cloud firewall. */
  readonly sequences: pulumi.Input<Sequences>;
}

/** What is only meant for the first boot: a later change of it must not replace the droplet. */
const ONLY_AT_CREATION = ['userData', 'sshKeys', 'image'];

/**
 * Makes a droplet with host keys of ours, so that the very first connection is pinned, behind a cloud firewall.
 *
 * There are two firewalls with the same rules, and DigitalOcean passes what either passes: one for the posture that is
 * wanted, in place before the host is changed, and one for the posture that the host is proven to have, changed after.
 * So the cloud passes the old door and the new one while a change is under way, and still does when it is taken back.
 *
 * @throws pulumi.RunError when DigitalOcean would not take that many rules.
 */
export function digitalOceanVps(
  host: ResolvedHost,
  { target, sequences }: DropletArgs,
  options: pulumi.CustomResourceOptions,
): Source {
  const { name, posture } = host;
  countRules(host, target);
  const { vps, hostKeys } = newDroplet(host, target, options);
  const wanted = firewall(name, vps.id, { target, posture, sequences }, options);
  const way: WayInput = {
    address: vps.ipv4Address,
    addressV6: vps.ipv6Address,
    port: 22,
    user: 'root',
    hostKeys,
  };
  const booted = new FirstBoot(
    name,
    { way, ...identityInput(host) },
    { ...options, dependsOn: [wanted], deletedWith: vps },
  );
  return {
    way,
    vps,
    requires: [wanted, booted],
    sealed: (hardening: Hardening) => {
      const { posture: proven, sequences: inForce } = hardening;
      firewall(`${name}-sealed`, vps.id, { target, posture: proven, sequences: inForce }, options);
    },
  };
}

function newDroplet(host: ResolvedHost, target: DigitalOceanTarget, options: pulumi.CustomResourceOptions) {
  const { Droplet, SshKey } = digitalocean();
  const { name, posture } = host;
  const { authorizedKeys } = posture.admin;
  const { publicKeys, ed25519, rsa, unheldKey } = new HostKeys(name, { host: name }, options);
  // Without a key DigitalOcean mails a root password, and a key that is already in the account it refuses. So the
  // droplet is registered with a key nobody holds, and the operators' keys come with the user data.
  const sshKey = new SshKey(name, { publicKey: unheldKey }, options);
  const vps = new Droplet(
    name,
    {
      name,
      region: target.region,
      size: target.size,
      image: target.image,
      ipv6: true,
      sshKeys: [sshKey.id],
      userData: secret(
        all([publicKeys, ed25519, rsa]).apply(([keys, ed, bits]) =>
          userData({ hostKeys: { ed25519: ed, rsa: bits }, publicKeys: keys, authorizedKeys }),
        ),
      ),
      // The provider's agent puts keys of its own into root's authorized_keys when the web console is opened.
      dropletAgent: false,
    },
    { ...options, ignoreChanges: ONLY_AT_CREATION },
  );
  return { vps, hostKeys: publicKeys };
}

interface FirewallArgs {
  readonly target: DigitalOceanTarget;
  readonly posture: pulumi.Input<Posture>;
  readonly sequences: pulumi.Input<Sequences>;
}

function firewall(
  name: string,
  droplet: pulumi.Output<pulumi.ID>,
  { target, posture, sequences }: FirewallArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { Firewall } = digitalocean();
  const inboundRules = all([posture, sequences]).apply(([of, knocked]) => [
    ...openRules(of, target.deployerCidrs),
    ...knockRules(of, knocked),
  ]);
  return new Firewall(
    name,
    {
      dropletIds: [droplet.apply(Number)],
      inboundRules: secret(inboundRules),
      outboundRules: [...OUTBOUND_RULES],
    },
    options,
  );
}

/** In preview, where generated sequences are not known yet: how many rules there will be. */
function countRules({ name, posture, knock }: ResolvedHost, target: DigitalOceanTarget): void {
  const generated = knock.engine === 'fwknop' ? 1 : 2 * knock.knocks;
  const knocks = knock.sequence === undefined ? generated : knockRules(posture, knock.sequence).length;
  const rules = openRules(posture, target.deployerCidrs).length + knocks + OUTBOUND_RULES.length;
  if (rules <= MOST_RULES) return;
  throw new RunError(
    `The cloud firewall of ${name} would have ${rules} rules and DigitalOcean takes ${MOST_RULES}; configure fewer firewall.rules or a smaller knock.knocks.`,
  );
}
