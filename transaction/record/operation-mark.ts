import { join } from 'node:path';
import type { Unsaved } from '../job.ts';
import { ResourceFiles } from './resource-files.ts';
import { commandOf, type StartedOperation, startedFrom } from './started-operation.ts';

/** What this machine last did to a host, kept beside the state, because a state that was not saved cannot tell. */
export interface OperationMark extends StartedOperation {
  /**
   * Absent: the operation was interrupted. When it sealed the host (its clock, ISO 8601); or `restored`.
   */
  readonly outcome?: string;
  /** Ids of the operation's change, and of those before it that the state may lack, newest first; absent in older marks. */
  readonly changes?: readonly string[];
  /** The newest of these was seen in the state: one that lacks it since then is an older copy. */
  readonly saved?: boolean;
}

/** How many changes a mark remembers that no state was seen to have. */
const MOST_CHANGES = 8;

/** What the engine's state says of a host. */
export interface StateOfHost {
  readonly address: string;
  /** When the host was last sealed (ISO 8601); empty: never. */
  readonly sealedAt: string;
  /** Id of the change that did it; undefined: never, or the state is from before it was kept. */
  readonly change?: string | undefined;
}

/** The mark of an operation under way. */
export interface OpenMark {
  /** The operation goes on with a change of this id, too. @throws Error of the file system. */
  covers(change: string): void;
  /** A change that the mark covers never began: the host refused it. @throws Error of the file system. */
  uncovers(change: string): void;
  /** The host is sealed, or restored; stays, because the engine has yet to save that. */
  done(outcome: string): void;
  /** The host is as it was when the operation began, and so is its mark. */
  abandon(): void;
}

/** The marks of one project. */
export class OperationMarks {
  readonly #files: ResourceFiles<OperationMark>;

  /** @param project its folder. */
  constructor(project: string) {
    this.#files = new ResourceFiles(join(project, '.postern/operations'), markFrom);
  }

  /**
   * Leaves a mark that an operation has begun. It is on the disk when this returns.
   *
   * @param change its id.
   * @param known the last change of the host that the state knows.
   * @throws Error of the file system; nothing may be done to the host then.
   */
  begin(
    operation: Omit<OperationMark, 'began' | 'outcome' | 'changes' | 'saved'>,
    change: string,
    known?: string,
  ): OpenMark {
    const last = this.last(operation.urn);
    const changes = [change, ...lackedBy(known, last)].slice(0, MOST_CHANGES);
    let mark: OperationMark = { ...operation, began: new Date().toISOString(), changes };
    this.#files.save(mark);
    return {
      covers: (id) => {
        if (mark.changes?.includes(id) === true) return;
        mark = { ...mark, changes: [id, ...(mark.changes ?? [])].slice(0, MOST_CHANGES) };
        this.#files.save(mark);
      },
      uncovers: (id) => {
        mark = { ...mark, changes: mark.changes?.filter((other) => other !== id) ?? [] };
        this.#files.save(mark);
      },
      done: (outcome) => this.#files.save({ ...mark, outcome }),
      abandon: () => (last === undefined ? this.settle(operation.urn) : this.#files.save(last)),
    };
  }

  /** What was last done to the host of a resource from this machine; undefined: nothing, or it cannot be read. */
  last(urn: string): OperationMark | undefined {
    return this.#files.read(urn);
  }

  /** The marks of all resources of a stack, by its short name. */
  ofStack(stack: string): OperationMark[] {
    return this.#files.ofStack(stack);
  }

  /** The state was seen to have what was done last. Only ever a help, so a disk that takes no writes is none of its business. */
  noteSaved({ change }: StateOfHost, mark: OperationMark | undefined): void {
    if (mark === undefined || change === undefined || mark.saved === true || mark.changes?.[0] !== change)
      return;
    try {
      this.#files.save({ ...mark, saved: true });
    } catch {
      // As said above.
    }
  }

  /** The host was seen to be what the state says: no mark says otherwise any more. */
  settle(urn: string): void {
    this.#files.remove(urn);
  }
}

/**
 * Whether the state may be wrong about the host: an operation was interrupted, or has ended and the state does not know
 * of it, because it could not be saved or is an older copy.
 */
export function isStale(state: StateOfHost, mark: OperationMark | undefined): mark is OperationMark {
  if (mark === undefined || mark.address !== state.address) return false;
  if (state.change !== undefined && state.change === mark.changes?.[0]) return false;
  // Both of one host's clock. A state that is newer knows more than this machine.
  if (mark.outcome === undefined || mark.outcome === 'restored') return state.sealedAt <= mark.before;
  return state.sealedAt < mark.outcome;
}

/**
 * What this machine did to a host that its state may lack because it was not saved: a host that was sealed by one of these
 * changes was changed by nobody else.
 */
export function unsavedOf(state: StateOfHost, mark: OperationMark | undefined): Unsaved {
  if (mark === undefined || mark.address !== state.address) return { changes: [], unknown: false };
  const unknown = mark.changes === undefined && isStale(state, mark);
  return { changes: lackedBy(state.change, mark), unknown };
}

function lackedBy(known: string | undefined, mark: OperationMark | undefined): readonly string[] {
  const { changes = [], saved } = mark ?? {};
  if (saved === true) return [];
  const index = known === undefined ? -1 : changes.indexOf(known);
  return index === -1 ? changes : changes.slice(0, index);
}

/**
 * Says in one sentence what a mark of a stale state means.
 *
 * @param host its name.
 */
export function describeMark({ operation, began, outcome, saved }: OperationMark, host: string): string {
  const at = `${began.slice(0, 16).replace('T', ' ')} UTC`;
  const state =
    saved === true
      ? 'the state, an older copy, does not know of it any more'
      : 'the state does not know of it';
  const ended = outcome === undefined ? 'was interrupted' : `ended, and ${state}`;
  const open = operation === 'restore' ? ': it may be as open as before its first change' : '';
  return `${commandOf(operation)} of ${host}, begun on this machine at ${at}, ${ended}. The host may not be what the state says${open}`;
}

function markFrom(value: unknown): OperationMark | undefined {
  const read = value as Record<string, unknown>;
  const started = startedFrom(read);
  if (started === undefined) return undefined;
  const { outcome, changes, saved } = read;
  const ids = Array.isArray(changes) && changes.every((id) => typeof id === 'string') ? changes : undefined;
  return {
    ...started,
    ...(typeof outcome === 'string' ? { outcome } : {}),
    ...(ids === undefined ? {} : { changes: ids }),
    ...(saved === true ? { saved } : {}),
  };
}
