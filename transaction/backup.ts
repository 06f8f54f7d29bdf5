import { excerpt } from '../remote/sanitise.ts';
import { openSession, type Session } from '../remote/ssh/session.ts';
import type { Vantage } from '../remote/vantage.ts';
import { step } from './agent.ts';
import type { Login } from './connect.ts';
import { messageOf } from './error.ts';
import type { Job, Report } from './job.ts';
import type { Plan } from './plan.ts';
import { awaitReachable } from './reachable.ts';
import { reachSeconds, SILENT_SECONDS, SLOW_SECONDS, stepTimeout } from './time-limits.ts';

/** The backup door: an sshd of its own, the channel of the change. Reached from outside before the front door changes. */
export class Backup {
  readonly #job: Job;
  readonly #plan: Plan;
  readonly #login: Login;
  readonly #vantage: Vantage;
  #session: Session | undefined;
  /** The port that it has: the posture's, or another one where a user of the host holds that. */
  port: number;
  /** Milliseconds of a round trip to the host, once it was measured. */
  roundTrip: number | undefined;

  constructor(job: Job, plan: Plan, login: Login, vantage: Vantage) {
    this.#job = job;
    this.#plan = plan;
    this.#login = login;
    this.#vantage = vantage;
    this.port = plan.posture.backup.port;
  }

  /** Starts the backup sshd and comes in through it: from here on the front door may fail. */
  async open(report: Report, signal?: AbortSignal): Promise<void> {
    const { session } = this.#login;
    const wanted = this.port;
    const answer = await step(session, 'backup', this.#plan.id, {
      timeoutSeconds: stepTimeout(this.#plan.posture),
      signal,
    });
    const { hostKey, moved } = parseBackup(answer);
    if (moved === undefined) return this.#connect(hostKey, report, signal);
    this.port = moved.port;
    const held = `port ${wanted} (backup.port) is held by a user of the host: ${moved.holder}`;
    report(
      `${held}. The backup door is on port ${moved.port} for this change; whoever holds the other one was left alone`,
    );
    await this.#connect(hostKey, report, signal).catch((error: unknown) => {
      throw new Error(
        `${held}. The backup door is therefore on port ${moved.port}, where it does not answer: ${messageOf(error)}. If something in between passes port ${wanted} alone, such as a cloud firewall, end that process on the host, or take another backup.port`,
        { cause: error },
      );
    });
  }

  async #connect(hostKey: string, report: Report, signal?: AbortSignal): Promise<void> {
    const { route } = this.#login;
    const { address } = this.#job.initialAccess;
    const port = this.port;
    const target = await this.#vantage.resolve(address, address.includes(':') ? 6 : 4);
    this.roundTrip = await awaitReachable(
      {
        vantage: this.#vantage,
        ...{ address: target, port, seconds: reachSeconds(this.#plan.posture) },
        passed: this.#plan.deployerAddresses,
      },
      report,
      signal,
    );
    this.#session = await openSession(
      // Its key came over the session before, whose own key was pinned.
      { ...route.target, address: target, port, hostKeys: [hostKey] },
      // The posture came over that session too; over this one go the steps, and a nonce that lives for seconds.
      {
        timeoutSeconds: SILENT_SECONDS,
        slowSeconds: SLOW_SECONDS,
        shortLived: true,
        ...(signal === undefined ? {} : { signal }),
      },
    );
  }

  /** The session through the backup door. */
  get session(): Session {
    if (this.#session === undefined) throw new Error('the backup door was not opened');
    return this.#session;
  }

  /** The session, as far as there is one that still stands. */
  get standing(): Session | undefined {
    return this.#session?.alive === true ? this.#session : undefined;
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }
}

/** The answer of the step: the host key, and `port N WHO` where somebody holds the backup port. */
function parseBackup(answer: string): {
  readonly hostKey: string;
  readonly moved: { readonly port: number; readonly holder: string } | undefined;
} {
  const [hostKey = '', second = ''] = answer.split('\n');
  const [, port, holder = ''] = /^port (\d{1,5}) (.*)$/.exec(second) ?? [];
  const moved = port === undefined ? undefined : { port: Number(port), holder: excerpt(holder.trim(), 300) };
  return { hostKey, moved };
}
