import type * as pulumi from '@pulumi/pulumi';
import { secret } from '@pulumi/pulumi/output.js';
import type { ResolvedHost } from '../posture/resolve.ts';
import type { Identity } from '../posture/schema/identity.ts';

/** How the deployer logs in, as an input of a resource: a private key is secret, a path is not. */
export function identityInput({ identity }: Pick<ResolvedHost, 'identity'>): {
  identity?: pulumi.Input<Identity>;
} {
  if (identity === undefined) return {};
  return { identity: 'privateKey' in identity ? secret(identity) : identity };
}
