import { randomFillSync } from 'node:crypto';
import { readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../remote/process.ts';
import { synced } from '../../transaction/record/durable-file.ts';

/** Besides four states: the state that is written, its backup, the copy in the history and its backup. */
const MARGIN = 256 * 1024;

const CHUNK = 1024 * 1024;

/**
 * Room on the disk that keeps the state, held while a host is changed: a disk that fills meanwhile leaves enough for the
 * state that tells what the host has become. The engine itself ends with success when it cannot write its state.
 */
export class StateRoom {
  static #made = 0;
  /** Each host of a run has its own: the first one that is done must not give away that of the others. */
  readonly #number = ++StateRoom.#made;
  readonly #folder: string;
  readonly #stateFile: string;

  /**
   * @param folder on the disk that keeps the state; has to exist.
   * @param stateFile of the stack; may be absent.
   */
  constructor(folder: string, stateFile: string) {
    this.#folder = folder;
    this.#stateFile = stateFile;
  }

  /**
   * Takes the room, or makes sure that it is still there and that the disk takes writes. It is on the disk when this
   * returns.
   *
   * @throws Error of the file system; nothing is held then.
   */
  hold(): void {
    const wanted = 4 * sizeOf(this.#stateFile) + MARGIN;
    try {
      if (sizeOf(this.#file) >= wanted) {
        rewriteStart(this.#file);
      } else {
        this.#clean();
        fill(this.#file, wanted);
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Gives the room to the state, which is written next. Never throws. */
  free(): void {
    try {
      rmSync(this.#file, { force: true });
    } catch {
      // On a disk that takes no writes, it is in nobody's way.
    }
  }

  get #file(): string {
    return join(this.#folder, `.postern-room.${hostname()}.${process.pid}.${this.#number}`);
  }

  /** What processes of this machine left that were killed. */
  #clean(): void {
    const prefix = `.postern-room.${hostname()}.`;
    for (const name of readdirSync(this.#folder)) {
      if (!name.startsWith(prefix)) continue;
      // Not a number: of a machine whose name goes on with a dot.
      const pid = Number.parseInt(name.slice(prefix.length), 10);
      if (pid > 0 && !isAlive(pid)) rmSync(join(this.#folder, name), { force: true });
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Random, so that no file system makes it smaller. */
function fill(file: string, bytes: number): void {
  const chunk = randomFillSync(Buffer.alloc(Math.min(CHUNK, bytes)));
  synced(file, 'w', (opened) => {
    for (let left = bytes; left > 0; ) left -= writeSync(opened, chunk, 0, Math.min(left, chunk.length));
  });
}

function rewriteStart(file: string): void {
  synced(file, 'r+', (opened) => writeSync(opened, randomFillSync(Buffer.alloc(4096)), 0, 4096, 0));
}
