import type * as pulumi from '@pulumi/pulumi';
import type { ResolvedHost } from '../../posture/resolve.ts';
import type { Hardening, WayInput } from '../resources.ts';

/** A sealed host, as its tasks see it. */
export interface SealedHost {
  readonly host: ResolvedHost;
  readonly way: pulumi.Output<WayInput>;
  readonly hardening: Hardening;
  /** The VPS, if it is the stack's own: when it goes, what its tasks left goes with it. */
  readonly vps: pulumi.Resource | undefined;
}
