import type { Session } from '../remote/ssh/session.ts';
import { RefusedError, step } from './agent.ts';

/**
 * How far the confirmation of a change got. `unsent`: the host was not asked, or has refused, so it rolls back by itself.
 * `sent`: it was asked and no answer arrived, so it may keep the change or roll it back. `acknowledged`: it keeps the change.
 */
export type CommitState = 'unsent' | 'sent' | 'acknowledged';

/** By which commit.sh refuses: whatever else it ends with, it may have committed. */
const REFUSED = 1;

/** The confirmation of one change, and how far it got: whoever cleans up after a failure has to know. */
export class Commit {
  #state: CommitState = 'unsent';

  get state(): CommitState {
    return this.#state;
  }

  /**
   * Hands back the proof of having come in through the front door: from here on the host keeps the change.
   *
   * @param session one that came through the front door.
   * @param id of the change.
   * @throws RemoteError when the host refuses, or its answer did not arrive.
   */
  async send(session: Session, id: string): Promise<void> {
    const nonce = await step(session, 'nonce', id);
    this.#state = 'sent';
    await step(session, 'commit', id, { stdin: `${nonce}\n`, refusedBy: REFUSED }).catch((error: unknown) => {
      if (error instanceof RefusedError) this.#state = 'unsent';
      throw error;
    });
    this.#state = 'acknowledged';
  }
}
