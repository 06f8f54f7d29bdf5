import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';
import { partsOfUrn } from './urn.ts';

/** What this machine keeps of each resource, by its URN: a file of JSON each, in one folder. */
export class ResourceFiles<T extends { readonly urn: string }> {
  readonly #folder: string;
  readonly #check: (value: unknown) => T | undefined;

  /** @param check what was read, as what was written; undefined: it is something else. */
  constructor(folder: string, check: (value: unknown) => T | undefined) {
    this.#folder = folder;
    this.#check = check;
  }

  /** What was kept of a resource; undefined: nothing, or it cannot be read. */
  read(urn: string): T | undefined {
    return this.#read(this.#file(urn));
  }

  /** What was kept of all resources of a stack, by its short name. */
  ofStack(stack: string): T[] {
    try {
      // Others are what a killed process was still writing.
      const names = readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
      return names.flatMap((name) => {
        const value = this.#read(join(this.#folder, name));
        return value !== undefined && partsOfUrn(value.urn).stack === stack ? [value] : [];
      });
    } catch {
      return [];
    }
  }

  /** @throws Error of the file system. */
  save(value: T): void {
    writeDurably(this.#file(value.urn), Buffer.from(`${JSON.stringify(value)}\n`));
  }

  remove(urn: string): void {
    rmSync(this.#file(urn), { force: true });
  }

  #read(file: string): T | undefined {
    try {
      return this.#check(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  #file(urn: string): string {
    const { stack, name } = partsOfUrn(urn);
    const digest = createHash('sha256').update(urn).digest('hex').slice(0, 12);
    return join(this.#folder, `${stack}.${name}.${digest}.json`);
  }
}
