import type { Session } from '../../remote/ssh/session.ts';
import { step } from '../agent.ts';
import type { Plan } from '../plan.ts';
import { Barrier } from './barrier.ts';
import type { View } from './view.ts';

/** Seconds a timed door is held open while its closing is measured. */
export const SHORT_SECONDS = 1;

type Family = View['family'];

/** How the kernel's time on a timed door is set while its closing is measured; for all families together. */
export class DoorTimeout {
  readonly #ask: (verb: string, args: readonly string[], families: readonly Family[]) => Promise<string>;
  readonly #closable: boolean;
  readonly #shortened: Barrier<Family, string>;
  readonly #restored: Barrier<Family, string>;

  /**
   * @param session the change's channel to the host.
   * @param families how many are measured.
   */
  constructor(session: Session, plan: Plan, families: number) {
    this.#ask = (verb, args, of) => step(session, verb, plan.id, { args: [...args, ...of.map(String)] });
    this.#closable = plan.sequences.close !== null;
    this.#shortened = new Barrier(families);
    this.#restored = new Barrier(families);
  }

  /** To {@link SHORT_SECONDS}; resolves to the addresses that the kernel lets in at that moment. */
  async shorten(family: Family): Promise<string[]> {
    const listed = await this.#shortened.take(family, (all) =>
      this.#ask('set-door-timeout', [String(SHORT_SECONDS)], all),
    );
    return listed.split('\n').filter(Boolean);
  }

  /** Back to the posture's: who knocked is let in again, unless there is no closing sequence to end that. */
  async restore(family: Family): Promise<void> {
    await this.#restored.take(family, async (all) => {
      if (!this.#closable) await this.#ask('flush-door', [], all);
      return this.#ask('set-door-timeout', ['configured'], all);
    });
  }

  /** Takes whoever knocked over that family off the list. */
  async forget(family: Family): Promise<void> {
    await this.#ask('flush-door', [], [family]);
  }

  /** For a family whose check has ended, one way or the other. */
  leave(): void {
    this.#shortened.leave();
    this.#restored.leave();
  }
}
