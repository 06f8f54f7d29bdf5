import { join } from 'node:path';
import { ResourceFiles } from './resource-files.ts';
import { type StartedOperation, startedFrom } from './started-operation.ts';
import { partsOfUrn } from './urn.ts';

/** What came of the last operation on a host from this machine: the engine's state keeps only what went well. */
export interface ChangeResult extends StartedOperation {
  /** ISO 8601, by this machine's clock. Absent: it is under way, or its process was killed. */
  readonly ended?: string;
  /** Why it failed: what the operator was told. Absent: it has not. */
  readonly failure?: string;
  /** What the operator was told besides, such as what the change closes; absent: nothing. */
  readonly warnings?: readonly string[];
}

/** A result that is still to come. */
export interface OpenResult {
  /** Keeps what the operator is told besides, until the end. */
  warned(words: string): void;
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
  begin(operation: Omit<ChangeResult, 'began' | 'ended' | 'failure' | 'warnings'>): OpenResult {
    const result: ChangeResult = { ...operation, began: new Date().toISOString() };
    this.#save(result);
    const warnings: string[] = [];
    return {
      warned: (words) => warnings.push(words),
      end: (failure) =>
        this.#save({
          ...result,
          ended: new Date().toISOString(),
          ...(failure === undefined ? {} : { failure }),
          ...(warnings.length === 0 ? {} : { warnings }),
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
  return partsOfUrn(urn).name;
}

function resultFrom(value: unknown): ChangeResult | undefined {
  const read = value as Record<string, unknown>;
  const started = startedFrom(read);
  if (started === undefined) return undefined;
  const { ended, failure, warnings } = read;
  return {
    ...started,
    ...(typeof ended === 'string' ? { ended } : {}),
    ...(typeof failure === 'string' ? { failure } : {}),
    ...(isTexts(warnings) ? { warnings } : {}),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
