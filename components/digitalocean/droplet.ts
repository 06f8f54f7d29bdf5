import type * as pulumi from '@pulumi/pulumi';
import { RunError } from '@pulumi/pulumi/errors.js';
import { warn } from '@pulumi/pulumi/log/index.js';
import { all, secret } from '@pulumi/pulumi/output.js';
import { candidatesOf } from '../../posture/candidates.ts';
import { engineOf } from '../../posture/knock/engines.ts';
import type { Sequences } from '../../posture/knock/sequence.ts';
import type { ResolvedHost } from '../../posture/resolve.ts';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Target } from '../../posture/schema/target.ts';
import type { DoorSecrets } from '../door-secrets.ts';
import { identityInput } from '../identity-input.ts';
import { FirstBoot, type Hardening, HostKeys, type WayInput } from '../resources.ts';
import type { Source } from '../vps-source.ts';
import { knockRules, MOST_RULES, OUTBOUND_RULES, openRules, withCandidates } from './cloud-firewall.ts';
import { digitalocean } from './plugin.ts';
import { userData } from './user-data.ts';

type DigitalOceanTarget = Extract<Target, { type: 'digitalocean' }>;

/** A droplet that a stack asks for. */
export interface DropletArgs {
  readonly target: DigitalOceanTarget;
  /** Secret: the ports that are knocked at have to pass the cloud firewall. */
  readonly door: Pick<DoorSecrets, 'sequences' | 'candidates'>;
}

/** What is only meant for the first boot: a later change of it must not replace the droplet. */
const ONLY_AT_CREATION = ['userData', 'sshKeys', 'image'];

/**
 * Makes a droplet with host keys of ours, so that the very first connection is pinned, behind a cloud firewall.
 *
 * There are two firewalls with the same rules, and DigitalOcean passes what either passes: one for the posture that is
 * wanted, in place before the host is changed, and one for the posture that the host is proven to have, changed after.
 * So the cloud passes the old door and the new one while a change is under way, and still does when it is taken back. The
 * first one passes the ways in of earlier changes as well, any of which may be in force if one of them was cut off.
 *
 * @throws pulumi.RunError when DigitalOcean would not take that many rules.
 */
export function digitalOceanVps(
  host: ResolvedHost,
  { target, door: { sequences, candidates } }: DropletArgs,
  options: pulumi.CustomResourceOptions,
): Source {
  const { name, posture } = host;
  countRules(host, target);
  const { vps, hostKeys } = newDroplet(host, target, options);
  const wanted = firewall(name, vps.id, { target, posture, sequences, candidates }, options);
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

/** The droplet alone, with the keys that it is born with. Replacing it means to delete it first, and that has to be asked for. */
export function newDroplet(
  host: ResolvedHost,
  target: DigitalOceanTarget,
  options: pulumi.CustomResourceOptions,
) {
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
    {
      ...options,
      ignoreChanges: ONLY_AT_CREATION,
      protect: target.protect,
      // The plugin would do so anyway for a droplet whose name is given: nobody shall believe that there are two for a while.
      deleteBeforeReplace: true,
    },
  );
  return { vps, hostKeys: publicKeys };
}

interface FirewallArgs {
  readonly target: DigitalOceanTarget;
  readonly posture: pulumi.Input<Posture>;
  readonly sequences: pulumi.Input<Sequences>;
  readonly candidates?: pulumi.Input<string>;
}

function firewall(
  name: string,
  droplet: pulumi.Output<pulumi.ID>,
  { target, posture, sequences, candidates }: FirewallArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { Firewall } = digitalocean();
  const inboundRules = all([posture, sequences, candidates]).apply(([of, knocked, known]) =>
    withCandidates([...openRules(of, target.deployerCidrs), ...knockRules(of, knocked)], candidatesOf(known)),
  );
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
  const single = engineOf(knock.engine).secret === 'packet';
  const generated = single ? 1 : 2 * knock.knocks;
  const knocks = knock.sequence === undefined ? generated : knockRules(posture, knock.sequence).length;
  const rules = openRules(posture, target.deployerCidrs).length + knocks + OUTBOUND_RULES.length;
  // Another way in is its port and its opening knocks.
  const candidate = 1 + (knock.sequence?.open.length ?? (single ? 1 : knock.knocks));
  if (rules <= MOST_RULES - candidate) return;
  if (rules <= MOST_RULES) {
    void warn(
      `The cloud firewall of ${name} has ${rules} rules and DigitalOcean takes ${MOST_RULES}: it has no room for the knocks of a change that is cut off. If that happens, let an \`up\` go through before you change knock or ssh.port once more; fewer firewall.rules or a smaller knock.knocks make room.`,
    );
    return;
  }
  throw new RunError(
    `The cloud firewall of ${name} would have ${rules} rules and DigitalOcean takes ${MOST_RULES}; configure fewer firewall.rules or a smaller knock.knocks.`,
  );
}
