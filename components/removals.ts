import { warn } from '@pulumi/pulumi/log/index.js';
import { getOrganization, getProject, getStack } from '@pulumi/pulumi/metadata.js';
import { invoke } from '@pulumi/pulumi/runtime/invoke.js';

/** A resource of the engine's state, as far as it is read here. */
interface Resource {
  readonly type: string;
  readonly outputs?: { readonly removal?: unknown };
}

/**
 * Says of each host that the state has and the configuration no longer does what becomes of it: the engine shows a removal by its
 * name alone. Only ever a help, so a state that cannot be read is none of its business.
 *
 * @param configured names of the hosts that stay.
 */
export async function warnOfRemovals(configured: readonly string[]): Promise<void> {
  for (const [name, removal] of await hardenedHosts())
    if (!configured.includes(name)) await warn(`${name} is no longer configured. ${removal}`);
}

async function hardenedHosts(): Promise<[name: string, removal: string][]> {
  try {
    const stackName = `${getOrganization()}/${getProject()}/${getStack()}`;
    const answer = await invoke('pulumi:pulumi:readStackResourceOutputs', { stackName });
    return Object.entries(answer.outputs as Record<string, Resource>).flatMap(
      ([urn, { type, outputs }]): [string, string][] =>
        type === 'postern:index:Hardening' && typeof outputs?.removal === 'string'
          ? [[urn.split('::').at(-1) ?? '', outputs.removal]]
          : [],
    );
  } catch {
    return [];
  }
}
