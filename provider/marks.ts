import { join } from 'node:path';
import { OperationMarks, type StateOfHost } from '../transaction/operation-mark.ts';
import type { Bag } from './values.ts';

/** What was last done to each host from this machine, in this project's `.postern`. */
export const marks = new OperationMarks(join(import.meta.dirname, '..'));

/** What a `Hardening` in the state says of its host; unwrapped. */
export function stateOfHost(state: Bag): StateOfHost {
  const { address } = state['way'] as { address: string };
  const { sealedAt } = (state['sealed'] ?? {}) as { sealedAt?: string };
  return { address, sealedAt: sealedAt ?? '' };
}
