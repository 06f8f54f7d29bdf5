/** Bytes that come in pieces, in one place: appending costs what the piece is long, however many there were before. */
export class Bytes {
  #buffer = Buffer.alloc(0);
  /** How many there are. */
  length = 0;

  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length, 1024));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.length);
    this.length = needed;
  }

  /** Forgets all but the last `count`. */
  keepLast(count: number): void {
    if (this.length <= count) return;
    this.#buffer.copyWithin(0, this.length - count, this.length);
    this.length = count;
  }

  /** A view of them, good until the next change. */
  view(from = 0, to: number = this.length): Buffer {
    return this.#buffer.subarray(Math.max(0, from), to);
  }
}
