/** Gathers what is asked for in one go and hands it over together, at most a turn of the event loop later. */
export class Batch<Item> {
  readonly #take: (items: readonly Item[]) => void;
  #waiting: Item[] = [];

  /** @param take is given what was gathered; it has to deal with failures itself. */
  constructor(take: (items: readonly Item[]) => void) {
    this.#take = take;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      const items = this.#waiting;
      this.#waiting = [];
      this.#take(items);
    });
  }
}
