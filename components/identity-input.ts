import type * as pulumi from '@pulumi/pulumi';
import { secret } from '@pulumi/pulumi/output.js';
import type { ResolvedHost } from '../posture/resolve.ts';
import type { Identity } from '../posture/schema/identity.ts';

/** How the deployer logs in, as inputs of a resource: a private key is secret, a path is not. */
export interface IdentityInputs {
  /** To the host. */
  readonly identity?: pulumi.Input<Identity>;
  /** To its jump host. Not a part of the way, which would be secret as a whole with it. */
  readonly jumpIdentity?: pulumi.Input<Identity>;
}

/** How the deployer logs in to a host, and to its jump host where it has one. */
export function identityInput({
  identity,
  target,
}: Pick<ResolvedHost, 'identity' | 'target'>): IdentityInputs {
  const jump = target.type === 'existing' ? target.jump?.identity : undefined;
  return {
    ...(identity === undefined ? {} : { identity: guarded(identity) }),
    ...(jump === undefined ? {} : { jumpIdentity: guarded(jump) }),
  };
}

function guarded(identity: Identity): pulumi.Input<Identity> {
  return 'privateKey' in identity ? secret(identity) : identity;
}
