import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../error.ts';
import type { Channel, Outcome } from './channel.ts';
import { frame } from './program.ts';
import { type RunResult, resultOf } from './result.ts';
import { defaultOutputBytes, type RunOptions } from './run-options.ts';
import { Semaphore } from './semaphore.ts';

// A hardened sshd may allow as few as 2, or 1 (MaxSessions); what it refuses is retried on the channels there are.
const channelLimit = 4;
const refusal = /Session open refused by peer/;

/** The channels of one connection: opened when needed, kept for the next program. */
export class Pool {
  readonly #open: () => Channel;
  readonly #where: string;
  readonly #ended: AbortSignal;
  readonly #channels = new Set<Channel>();
  readonly #slots = new Semaphore(channelLimit);

  /**
   * @param open opens one more channel on the connection.
   * @param where who is at its other end, for errors.
   * @param ended fires when the connection has ended.
   */
  constructor(open: () => Channel, where: string, ended: AbortSignal) {
    this.#open = open;
    this.#where = where;
    this.#ended = ended;
  }

  /** Runs a program on a channel that is free, waiting for one if need be. */
  async run(options: RunOptions): Promise<RunResult> {
    const deadline = performance.now() + options.timeoutSeconds * 1000;
    const prepared = frame(options);
    for (;;) {
      await this.#acquire(options, deadline);
      let retire = false;
      try {
        if (this.#ended.aborted)
          throw new RemoteError('closed', `the connection to ${this.#where} is closed.`);
        const outcome = await this.#channel().run(prepared, {
          timeoutSeconds: (deadline - performance.now()) / 1000,
          maxOutputBytes: options.maxOutputBytes ?? defaultOutputBytes,
          onStdoutLine: options.onStdoutLine,
          signal: options.signal,
        });
        // Nothing of the program has run, and others hold the channels that the server allows: wait for one of them.
        const refused = outcome.end === 'lost' && !outcome.started && refusal.test(outcome.noise);
        retire = refused && this.#slots.taken > 1;
        if (!retire) return await this.#result(outcome);
      } finally {
        if (retire) this.#slots.retire();
        else this.#slots.release();
      }
    }
  }

  /** Ends all channels. */
  close(): void {
    for (const channel of this.#channels) channel.kill();
  }

  async #acquire({ signal }: RunOptions, deadline: number): Promise<void> {
    const late = AbortSignal.timeout(Math.max(0, Math.ceil(deadline - performance.now())));
    const acquired = await this.#slots.acquire(signal === undefined ? late : AbortSignal.any([late, signal]));
    if (acquired) return;
    if (signal?.aborted === true)
      throw new RemoteError(
        'cancelled',
        `a program on ${this.#where} was no longer wanted. It had not begun.`,
      );
    throw new RemoteError(
      'timeout',
      `a program on ${this.#where} waited too long for others. It had not begun.`,
    );
  }

  #channel(): Channel {
    const idle = [...this.#channels].find((channel) => channel.idle);
    if (idle !== undefined) return idle;
    const channel = this.#open();
    this.#channels.add(channel);
    channel.closed.then(() => this.#channels.delete(channel));
    return channel;
  }

  async #result(outcome: Outcome): Promise<RunResult> {
    // That a channel ended with its connection can be noticed before the connection's end.
    if (outcome.end === 'lost' && !this.#ended.aborted)
      await Promise.race([once(this.#ended, 'abort'), sleep(100)]);
    if (outcome.end === 'lost' && this.#ended.aborted)
      throw new RemoteError('closed', `the connection to ${this.#where} ended before the program did.`);
    return resultOf(outcome, this.#where);
  }
}
