import { join } from 'node:path';
import type { Unsaved } from '../../transaction/job.ts';
import { ChangeResults } from '../../transaction/record/change-result.ts';
import {
  isStale,
  OperationMarks,
  type StateOfHost,
  unsavedOf,
} from '../../transaction/record/operation-mark.ts';
import type { PropertyMap } from '../resource/values.ts';
import { wasSaved } from '../state/saved-states.ts';
import { stateFileOf } from '../state/state-file.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** What was last done to each host from this machine, in this project's `.postern`. */
export const marks = new OperationMarks(PROJECT);

/** And what came of it. */
export const results = new ChangeResults(PROJECT);

/** What a `Hardening` in the state says of its host; unwrapped. */
export function stateOfHost(state: PropertyMap): StateOfHost {
  const { address } = state['way'] as { address: string };
  const { sealedAt, change } = (state['sealed'] ?? {}) as { sealedAt?: string; change?: string };
  return { address, sealedAt: sealedAt ?? '', change };
}

/**
 * Changes of a host that this machine made and that were never in a state: the run was killed, or could not write. One that
 * was in a state, and is not any more, is not among them.
 */
export function unsavedChanges(urn: string, state: StateOfHost): Unsaved {
  const mark = marks.last(urn);
  const [newest] = mark?.changes ?? [];
  if (isStale(state, mark) && mark.saved !== true && newest !== undefined) {
    const file = stateFileOf(urn, PROJECT, process.env);
    if (file !== undefined && wasSaved(urn, file, newest, mark.began)) {
      marks.noteSaved({ ...state, change: newest }, mark);
      return { changes: [], unknown: false };
    }
  }
  return unsavedOf(state, mark);
}
