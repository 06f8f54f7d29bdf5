import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommittedUnsealedError, messageOf, TransactionError } from '../../transaction/error.ts';
import type { Operation as Asked } from '../../transaction/facts/facts.ts';
import type { Recordable } from '../../transaction/job.ts';
import { runAgain } from '../../transaction/outcome.ts';
import { isStale, type OpenMark, type StateOfHost } from '../../transaction/record/operation-mark.ts';
import { EngineGone } from '../engine-watch.ts';
import type { Operation } from '../resource/handler.ts';
import { copyState } from '../state/state-copy.ts';
import { stateFileOf } from '../state/state-file.ts';
import { StateRoom } from '../state/state-room.ts';
import { isRefusedByBusyHost, onceFree } from './busy-host.ts';
import { marks, results } from './marks.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** What an operation is told of the record that is kept of it. */
interface Kept {
  readonly recordable: Recordable;
  /** Tells the operator what should be seen after the operation, too. */
  readonly warn: (words: string) => void;
}

/**
 * Changes a host only when what it becomes can be recorded here: from before it is armed a mark says that it may be
 * another than the state knows, a copy of the state is kept, and the disk has room for the next one. What came of it is
 * written down in any case, for the views of this machine.
 *
 * @param before the host as the state has it.
 * @param rollbackSeconds after which the host rolls back an operation that was interrupted, and is waited for.
 * @param change resolves to its result, and to what the mark says from then on.
 */
export async function underRecord<T>(
  asked: Asked,
  before: StateOfHost,
  rollbackSeconds: number,
  { urn, signal, report, warn: say }: Operation,
  change: (kept: Kept) => Promise<{ readonly result: T; readonly outcome: string }>,
): Promise<T> {
  let mark: OpenMark | undefined;
  let newest = '';
  const state = stateFileOf(urn, PROJECT, process.env);
  const room = state === undefined ? undefined : new StateRoom(state.folder, state.file);
  const interrupted = isStale(before, marks.last(urn));
  const told = results.begin({ urn, address: before.address, operation: asked, before: before.sealedAt });
  const recordable = async (id: string) => {
    try {
      if (state !== undefined) {
        mkdirSync(state.folder, { recursive: true });
        copyState(state.file, join(PROJECT, '.postern/copies', state.copyName));
      }
      room?.hold();
      const operation = { urn, address: before.address, operation: asked, before: before.sealedAt };
      mark ??= marks.begin(operation, id, before.change);
      mark.covers(id);
      newest = id;
    } catch (error) {
      throw unrecordable(error, mark !== undefined, asked);
    }
  };
  try {
    const patience = interrupted ? rollbackSeconds + 60 : 0;
    const warn = (words: string) => {
      told.warned(words);
      say(words);
    };
    const attempt = () =>
      change({ recordable, warn }).catch((error: unknown) => {
        // A mark has room for few changes, and a host may be busy for many tries.
        if (isRefusedByBusyHost(error)) note(() => mark?.uncovers(newest));
        throw error;
      });
    const { result, outcome } = await onceFree(attempt, patience, report, signal);
    note(() => mark?.done(outcome));
    told.end();
    return result;
  } catch (error) {
    told.end(messageOf(error));
    if (error instanceof CommittedUnsealedError) note(() => mark?.done(error.sealed.sealedAt));
    else if (isAsBefore(error) && !(signal.reason instanceof EngineGone)) note(() => mark?.abandon());
    throw error;
  } finally {
    room?.free();
  }
}

function unrecordable(cause: unknown, armed: boolean, asked: Asked): Error {
  const what = `This machine cannot record what the host is about to become: ${messageOf(cause)}`;
  // The change is under way and is rolled back, and that says the rest.
  if (armed) return new Error(what, { cause });
  return new TransactionError(
    what,
    'is unchanged: nothing is touched before that can be recorded.',
    `make room on the disk that keeps the state (docs/state.md), then ${runAgain(asked)}.`,
    { cause },
  );
}

function isAsBefore(error: unknown): boolean {
  return error instanceof TransactionError && !error.unsettled;
}

/** A mark that cannot be rewritten says that the operation was interrupted, which costs the next run a look at the host. */
function note(write: () => void): void {
  try {
    write();
  } catch {
    // As said above.
  }
}
