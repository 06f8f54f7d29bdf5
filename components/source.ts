import type * as pulumi from '@pulumi/pulumi';
import type { Sequences } from '../posture/knock/sequence.ts';
import type { ResolvedHost } from '../posture/resolve.ts';
import { digitalOceanVps } from './digitalocean/droplet.ts';
import { type Hardening, LabVps, type WayInput } from './resources.ts';

/** Where a VPS came from: an address, a way in, pinned host keys. From here on every target is the same. */
export interface Source {
  readonly way: pulumi.Input<WayInput>;
  /** The VPS itself: when it goes, its hardening goes with it and need not be taken back first. */
  readonly vps: pulumi.Resource | undefined;
  /** What has to be in place before the host is changed, such as a cloud firewall that passes the new door. */
  readonly requires?: readonly pulumi.Resource[];
  /** Follows the host once it is sealed: to be called with its hardening. */
  readonly sealed?: (hardening: Hardening) => void;
}

/** Makes, or names, the VPS of a host. */
export function sourceOf(
  host: ResolvedHost,
  sequences: pulumi.Input<Sequences>,
  options: pulumi.CustomResourceOptions,
): Source {
  const { target } = host;
  switch (target.type) {
    case 'lab':
      return labSource(host, options);
    case 'existing': {
      const { type: _type, ...way } = target;
      return { way, vps: undefined };
    }
    case 'digitalocean':
      return digitalOceanVps(host, { target, sequences }, options);
  }
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
