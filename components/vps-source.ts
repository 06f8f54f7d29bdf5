import type * as pulumi from '@pulumi/pulumi';
import type { Hardening, WayInput } from './resources.ts';

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
