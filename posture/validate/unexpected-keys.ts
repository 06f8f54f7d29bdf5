import { distance } from 'fastest-levenshtein';
import { Stack } from '../schema/stack.ts';
import type { Problem } from './problem.ts';

/** The namespace of Postern's keys in a stack file. */
const NAMESPACE = 'postern';

/**
 * Keys of a stack's configuration that are meant for Postern and are in a namespace that it does not read: a misspelt
 * namespace, or one of Postern's sections in another. Keys of other programs are none of its business.
 *
 * @param keys as Pulumi has them, `namespace:name`.
 */
export function unexpectedKeys(keys: readonly string[]): Problem[] {
  const sections = Object.keys(Stack.shape);
  return keys.flatMap((key): Problem[] => {
    const [namespace = '', name = ''] = key.split(':', 2);
    if (namespace === NAMESPACE || namespace === 'pulumi') return [];
    if (!sections.includes(name) && distance(namespace, NAMESPACE) > 2) return [];
    return [
      {
        property: key,
        reason: `is in the namespace ${namespace}, which Postern does not read; write ${NAMESPACE}:${name}`,
      },
    ];
  });
}
