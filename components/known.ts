import type * as pulumi from '@pulumi/pulumi';
import { all, output } from '@pulumi/pulumi/output.js';
import { isDryRun } from '@pulumi/pulumi/runtime/settings.js';

/** In the SDK, and not in its type declarations. */
type Knowable = { readonly isKnown: Promise<boolean> };

/**
 * Those of some outputs that are known and hold something. After a run that failed on a host, or left it out, nothing is
 * known of one that was never sealed, and with one unknown part the whole of them would be. In a preview all count: what is
 * not known is about to be.
 */
export function knownOf<T>(outputs: readonly pulumi.Output<T | undefined>[]): pulumi.Output<T[]> {
  const values = (isDryRun() ? all([...outputs]) : output(known(outputs))) as unknown as pulumi.Output<
    (T | undefined)[]
  >;
  return values.apply((parts) => parts.filter((part) => part !== undefined)) as pulumi.Output<T[]>;
}

async function known<T>(outputs: readonly pulumi.Output<T>[]) {
  const states = await Promise.all(outputs.map((each) => (each as unknown as Knowable).isKnown));
  return all(outputs.filter((_, index) => states[index] === true));
}
