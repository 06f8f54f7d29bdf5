import { join } from 'node:path';
import { ResourceFiles } from './resource-files.ts';
import { commandOf, type StartedOperation, startedFrom } from './started-operation.ts';

/** What this machine last did to a host, kept beside the state, because a state that was not saved cannot tell. */
export interface OperationMark extends StartedOperation {
  /**
   * Absent: the operation was interrupted. When it sealed the host (its clock, ISO 8601); or `restored`.
   */
  readonly outcome?: string;
}

/** What the engine's state says of a host. */
export interface StateOfHost {
  readonly address: string;
  /** When the host was last sealed (ISO 8601); empty: never. */
  readonly sealedAt: string;
}

/** The mark of an operation under way. */
export interface OpenMark {
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
   * @throws Error of the file system; nothing may be done to the host then.
   */
  begin(operation: Omit<OperationMark, 'began' | 'outcome'>): OpenMark {
    const last = this.last(operation.urn);
    const mark: OperationMark = { ...operation, began: new Date().toISOString() };
    this.#files.save(mark);
    return {
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
  // Both of one host's clock. A state that is newer knows more than this machine.
  if (mark.outcome === undefined || mark.outcome === 'restored') return state.sealedAt <= mark.before;
  return state.sealedAt < mark.outcome;
}

/**
 * Says in one sentence what a mark of a stale state means.
 *
 * @param host its name.
 */
export function describeMark({ operation, began, outcome }: OperationMark, host: string): string {
  const at = `${began.slice(0, 16).replace('T', ' ')} UTC`;
  const ended = outcome === undefined ? 'was interrupted' : 'ended, and the state does not know of it';
  const open = operation === 'restore' ? ': it may be as open as before its first change' : '';
  return `${commandOf(operation)} of ${host}, begun on this machine at ${at}, ${ended}. The host may not be what the state says${open}`;
}

function markFrom(value: unknown): OperationMark | undefined {
  const read = value as Record<string, unknown>;
  const started = startedFrom(read);
  if (started === undefined) return undefined;
  const { outcome } = read;
  return { ...started, ...(typeof outcome === 'string' ? { outcome } : {}) };
}
