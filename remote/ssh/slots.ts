/** A bounded number of slots, handed out in the order asked for. */
export class Slots {
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

  /** Resolves when a slot is the caller's, who has to {@link release} it. */
  async acquire(): Promise<void> {
    if (this.#free <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    this.#taken++;
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
}
