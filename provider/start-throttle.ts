import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Has a fleet's hosts entered one after another instead of all at once: sshd of a jump host drops connections that have
 * not logged in when there are ten at a time (MaxStartups of sshd_config(5)), and each costs this machine's processor a
 * key exchange.
 */
export class StartThrottle {
  readonly #interval: number;
  #next = Number.NEGATIVE_INFINITY;

  /** @param interval milliseconds from one start to the next, at least. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Resolves when it is the caller's turn, at once for the first, or when `signal` fires: who waits has to look at it. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    if (at <= now) return;
    await sleep(at - now, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
