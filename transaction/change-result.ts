import { join } from 'node:path';
import type { Operation } from './facts.ts';
import { ResourceFiles } from './resource-files.ts';

/** What came of the last operation on a host from this machine: the engine's state keeps only what went well. */
export interface ChangeResult {
  readonly urn: string;
  /** Of the host. */
  readonly address: string;
  readonly operation: Operation;
  /** ISO 8601, by this machine's clock, as is `ended`. */
  readonly began: string;
  /** When the host was last sealed (its clock, ISO 8601) as the state had it when the operation began; empty: never. */
  readonly before: string;
  /** Absent: it is under way, or its process was killed. */
  readonly ended?: string;
  /** Why it failed: what the operator was told. Absent: it has not. */
  readonly failure?: string;
}

/** A result that is still to come. */
export interface OpenResult {
  /** @param failure what the operator is told; undefined: all went well. */
  end(failure?: string): void;
}

/** The results of one project. They only tell: one that can't be written, or read, keeps nobody from anything. */
export class ChangeResults {
  readonly #files: ResourceFiles<ChangeResult>;

  /** @param project its folder. */
  constructor(project: string) {
    this.#files = new ResourceFiles(join(project, '.postern/results'), resultFrom);
  }

  /** Writes down that an operation has begun. */
  begin(operation: Omit<ChangeResult, 'began' | 'ended' | 'failure'>): OpenResult {
    const result: ChangeResult = { ...operation, began: new Date().toISOString() };
    this.#save(result);
    return {
      end: (failure) =>
        this.#save({
          ...result,
          ended: new Date().toISOString(),
          ...(failure === undefined ? {} : { failure }),
        }),
    };
  }

  /** The results of all hosts of a stack, by its short name. */
  ofStack(stack: string): ChangeResult[] {
    return this.#files.ofStack(stack);
  }

  /** Forgets what came of the last operation on the host of a resource. */
  remove(urn: string): void {
    this.#files.remove(urn);
  }

  #save(result: ChangeResult): void {
    try {
      this.#files.save(result);
    } catch {
      // A disk that is full ends the operation by itself where that matters (underRecord).
    }
  }
}

/** The name of the host that a result is of. */
export function hostOf({ urn }: Pick<ChangeResult, 'urn'>): string {
  return urn.split('::').at(-1) ?? '';
}

function resultFrom(value: unknown): ChangeResult | undefined {
  const { urn, address, operation, began, before, ended, failure } = value as Record<string, unknown>;
  if (typeof urn !== 'string' || typeof address !== 'string') return undefined;
  if (typeof began !== 'string' || typeof before !== 'string') return undefined;
  if (operation !== 'harden' && operation !== 'restore') return undefined;
  return {
    ...{ urn, address, operation, began, before },
    ...(typeof ended === 'string' ? { ended } : {}),
    ...(typeof failure === 'string' ? { failure } : {}),
  };
}
