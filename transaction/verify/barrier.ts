/** Milliseconds for which one waits for the others: doors that stand open until then shut by themselves. */
const PATIENCE = 1000;

interface Waiting<M, T> {
  readonly member: M;
  readonly step: (members: readonly M[]) => Promise<T>;
  readonly done: (result: Promise<T>) => void;
}

/**
 * Where several that go the same way wait for each other, because one step serves them all. Who comes too late for the
 * others takes it alone.
 */
export class Barrier<M, T> {
  #expected: number;
  #waiting: Waiting<M, T>[] = [];
  #late: NodeJS.Timeout | undefined;

  /** @param members how many there are. */
  constructor(members: number) {
    this.#expected = members;
  }

  /** Has the step taken once for those who are there, and gives its result to each of them. */
  take(member: M, step: (members: readonly M[]) => Promise<T>): Promise<T> {
    return new Promise<T>((done) => {
      this.#waiting.push({ member, step, done });
      this.#late ??= setTimeout(() => this.#go(), PATIENCE);
      this.#look();
    });
  }

  /** One member less, who failed: nobody waits for it any more. */
  leave(): void {
    this.#expected--;
    this.#look();
  }

  #look(): void {
    if (this.#waiting.length >= this.#expected) this.#go();
  }

  #go(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#expected -= waiting.length;
    const result = waiting[0]?.step(waiting.map(({ member }) => member));
    if (result !== undefined) for (const { done } of waiting) done(result);
  }
}
