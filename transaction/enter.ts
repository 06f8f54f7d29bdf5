import { setTimeout as sleep } from 'node:timers/promises';
import type { Sequence } from '../posture/knock/sequence.ts';
import type { Family } from '../remote/address.ts';
import { openSession, type Session } from '../remote/ssh/session.ts';
import type { Way } from '../remote/ssh/way.ts';
import type { Vantage } from '../remote/vantage.ts';
import type { FirstWay, Job, Report, Sealable } from './job.ts';

/** One way that may lead into a host. */
export interface Approach {
  /** In words, for messages. */
  readonly name: string;
  readonly way: Way;
  /** Knocks to send first. */
  readonly open?: Sequence | undefined;
}

/** A session, and how it was come by. */
export interface Entry {
  readonly session: Session;
  readonly approach: Approach;
}

/** How long a knock may take to open the door, in milliseconds. */
const REACTION = 2000;

/** The knocked front door of a sealed host. */
export function frontDoor(
  job: Pick<Job, 'first' | 'identity'>,
  sealed: Sealable,
  hostKeys: readonly string[],
): Approach {
  const { posture, sequences } = sealed;
  return {
    name: `the knocked front door, ${posture.admin.user} on port ${posture.ssh.port}`,
    open: sequences.open,
    way: wayIn(job.first, {
      port: posture.ssh.port,
      user: posture.admin.user,
      hostKeys,
      identity: job.identity,
    }),
  };
}

/** The way in before Postern ever changed the host. */
export function firstWay(job: Pick<Job, 'first' | 'identity'>): Approach {
  const { first, identity } = job;
  return {
    name: `the first way in, ${first.user} on port ${first.port}`,
    way: wayIn(first, { port: first.port, user: first.user, hostKeys: first.hostKeys, identity }),
  };
}

function wayIn(first: FirstWay, login: Pick<Way, 'port' | 'user' | 'hostKeys' | 'identity'>): Way {
  return { ...login, address: first.address, jump: first.jump, sudo: login.user !== 'root' };
}

/** In the order in which they are likely to work. */
export function approaches(job: Job): Approach[] {
  const { previous } = job;
  const now = frontDoor(job, job, previous?.hostKeys ?? job.first.hostKeys);
  if (previous === undefined) return [firstWay(job), now];
  return [frontDoor(job, previous, previous.hostKeys), now, firstWay(job)];
}

/**
 * Comes in by the first approach that works; knocks, where there is one to be sent, from `vantage`.
 *
 * @throws Error that lists what each approach met.
 */
export async function enter(
  candidates: readonly Approach[],
  vantage: Vantage,
  report: Report,
  signal?: AbortSignal,
): Promise<Entry> {
  const met: string[] = [];
  for (const approach of candidates) {
    try {
      const session = await tryApproach(approach, vantage, signal);
      report(`in by ${approach.name}`);
      return { session, approach };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      met.push(`${approach.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`no way in.\n${met.map((line) => `  ${line}`).join('\n')}`);
}

async function tryApproach(
  { way, open }: Approach,
  vantage: Vantage,
  signal?: AbortSignal,
): Promise<Session> {
  const family: Family = way.address.includes(':') ? 6 : 4;
  // A name has to be resolved once, so that knock and login go to one address.
  const address = await vantage.resolve(way.address, family);
  if (open !== undefined) await knockUntilOpen(vantage, address, way.port, open);
  return openSession(
    { ...way, address },
    { timeoutSeconds: 15, ...(signal === undefined ? {} : { signal }) },
  );
}

/** Knocks a few times; the login that follows tells whether it helped. */
async function knockUntilOpen(
  vantage: Vantage,
  address: string,
  port: number,
  sequence: Sequence,
): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    await vantage.knock(address, sequence);
    const end = performance.now() + REACTION;
    for (let patience = 60; performance.now() < end; patience = Math.min(patience * 2, 1000)) {
      const { state } = await vantage.probeTcp(address, port, patience);
      if (state === 'open') return;
      // Silence takes its time; a refusal comes at once, and would be asked for again thousands of times.
      if (state !== 'silent') await sleep(patience);
    }
    if (attempt < 3) await sleep(1000);
  }
  throw new Error(`port ${port} stays closed after the knock`);
}
