import type * as pulumi from '@pulumi/pulumi';
import type { ResolvedHost } from '../posture/resolve.ts';
import type { Target } from '../posture/schema/target.ts';
import { digitalOceanVps } from './digitalocean/droplet.ts';
import type { DoorSecrets } from './door-secrets.ts';
import { LabVps, type WayInput } from './resources.ts';
import type { Source } from './vps-source.ts';

type ExistingTarget = Extract<Target, { type: 'existing' }>;

/** Makes, or names, the VPS of a host. */
export function sourceOf(
  host: ResolvedHost,
  door: DoorSecrets,
  options: pulumi.CustomResourceOptions,
): Source {
  const { target } = host;
  switch (target.type) {
    case 'lab':
      return labSource(host, options);
    case 'existing': {
      const { type: _type, jump, ...way } = target;
      return { way: jump === undefined ? way : { ...way, jump: hopOf(jump) }, vps: undefined };
    }
    case 'digitalocean':
      return digitalOceanVps(host, { target, door }, options);
  }
}

/** Where a jump host is. How it is logged in to may be secret and is an input of its own. */
function hopOf({ identity: _identity, ...hop }: NonNullable<ExistingTarget['jump']>): WayInput['jump'] {
  return hop;
}

function labSource({ name, target, posture }: ResolvedHost, options: pulumi.CustomResourceOptions): Source {
  const release = target.type === 'lab' ? target.release : 'bookworm';
  // The key is injected at creation only, as everywhere; a later change of keys is the hardening's.
  const onlyAtCreation = { ...options, ignoreChanges: ['authorizedKeys'] };
  const vps = new LabVps(
    name,
    { name, release, authorizedKeys: posture.admin.authorizedKeys },
    onlyAtCreation,
  );
  const { address, addressV6, port, user, hostKeys } = vps;
  return { way: { address, addressV6, port, user, hostKeys }, vps };
}
