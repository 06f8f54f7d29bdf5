/** A bounded number of slots, handed out in the order asked for. */
export class Semaphore {
  #free: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param count how many there are, at least 1. */
  constructor(count: number) {
    this.#free = count;
  }

  /** How many are handed out. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Resolves to true when a slot is the caller's, who has to {@link release} it; to false when `enough` fires first.
   */
  async acquire(enough: AbortSignal): Promise<boolean> {
    if (enough.aborted) return false;
    if (this.#free > 0) this.#free--;
    else if (!(await this.#queue(enough))) return false;
    this.#taken++;
    return true;
  }

  /** Gives a slot back. */
  release(): void {
    this.#taken--;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Takes the caller's slot out of circulation. */
  retire(): void {
    this.#taken--;
  }

  #queue(enough: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const turn = () => {
        enough.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        resolve(false);
      };
      enough.addEventListener('abort', leave, { once: true });
      this.#waiting.push(turn);
    });
  }
}
