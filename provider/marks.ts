import { join } from 'node:path';
import { ChangeResults } from '../transaction/change-result.ts';
import { OperationMarks, type StateOfHost } from '../transaction/operation-mark.ts';
import type { Bag } from './values.ts';

const PROJECT = join(import.meta.dirname, '..');

/** What was last done to each host from this machine, in this project's `.postern`. */
export const marks = new OperationMarks(PROJECT);

/** And what came of it. */
export const results = new ChangeResults(PROJECT);

/** What a `Hardening` in the state says of its host; unwrapped. */
export function stateOfHost(state: Bag): StateOfHost {
  const { address } = state['way'] as { address: string };
  const { sealedAt } = (state['sealed'] ?? {}) as { sealedAt?: string };
  return { address, sealedAt: sealedAt ?? '' };
}
