import type * as pulumi from '@pulumi/pulumi';
import { all } from '@pulumi/pulumi/output.js';
import { CustomResource } from '@pulumi/pulumi/resource.js';
import type { SealedHost } from './sealed-host.ts';

/**
 * What is another one when the VPS is: the id that its provider gave it, and the host keys that it was born with. Its
 * address is not: a host may move. On another VPS of the same name a task is replaced, because as an update the plugin would run
 * `update` there, and copy nothing, as the file is the same.
 */
export function vpsIdentity({ way, vps }: Pick<SealedHost, 'way' | 'vps'>): pulumi.Output<string> {
  const id = CustomResource.isInstance(vps) ? vps.id : '';
  return all([id, way]).apply(([made, { hostKeys }]) => [made, ...[...hostKeys].sort()].join('\n'));
}
