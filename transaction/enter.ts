import { PACKET_AGE } from '../posture/knock/fwknop.ts';
import { hasSinglePacket, type Sequence } from '../posture/knock/sequence.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import type { Family } from '../remote/address.ts';
import { awaitOpen, knockUntil } from '../remote/door.ts';
import { openSession, type Session } from '../remote/ssh/session.ts';
import type { Way } from '../remote/ssh/way.ts';
import { doorKey } from '../remote/turn.ts';
import type { Vantage } from '../remote/vantage.ts';
import type { FirstWay, Job, Report, Sealable } from './job.ts';
import { SILENT_SECONDS, SLOW_SECONDS } from './time-limits.ts';

/** One way that may lead into a host. */
export interface Approach {
  /** In words, for messages. */
  readonly name: string;
  readonly way: Way;
  /** Knocks to send first. */
  readonly open?: Sequence | undefined;
  /** Nothing goes over it that has to stay secret for years. */
  readonly fleeting: boolean;
}

/** A session, and how it was come by. */
export interface Entry {
  readonly session: Session;
  readonly approach: Approach;
}

/** How often a door is knocked at before the next way is tried. */
const ATTEMPTS = 3;

/** What of a job says how a host is entered. */
type Entered = Pick<Job, 'first' | 'identity' | 'sequences' | 'totp'>;

/**
 * Whether what a change takes to its host is no secret for longer than the change itself: ports that are knocked at are
 * seen by whoever sees the knocks, and would see this; the keys of single packets and of the second factor never are.
 */
function isFleeting({ sequences: { open, close }, totp }: Entered): boolean {
  return totp === undefined && !hasSinglePacket([...open, ...(close ?? [])]);
}

/** The knocked front door of a sealed host. */
export function frontDoor(job: Entered, sealed: Sealable, hostKeys: readonly string[]): Approach {
  const { posture, sequences, totp } = sealed;
  return {
    name: `the knocked front door, ${posture.admin.user} on port ${posture.ssh.port}`,
    open: sequences.open,
    fleeting: isFleeting(job),
    way: wayIn(job.first, {
      port: posture.ssh.port,
      user: posture.admin.user,
      hostKeys,
      identity: job.identity,
      totp: asksForCode(posture) ? totp : undefined,
    }),
  };
}

/** The way in before Postern ever changed the host. */
export function firstWay(job: Entered): Approach {
  const { first, identity } = job;
  return {
    name: `the first way in, ${first.user} on port ${first.port}`,
    fleeting: isFleeting(job),
    way: wayIn(first, { port: first.port, user: first.user, hostKeys: first.hostKeys, identity }),
  };
}

function wayIn(first: FirstWay, login: Pick<Way, 'port' | 'user' | 'hostKeys' | 'identity' | 'totp'>): Way {
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
  { way, open, fleeting }: Approach,
  vantage: Vantage,
  signal?: AbortSignal,
): Promise<Session> {
  const family: Family = way.address.includes(':') ? 6 : 4;
  // A name has to be resolved once, so that knock and login go to one address.
  const address = await vantage.resolve(way.address, family);
  if (open !== undefined) {
    const door = { vantage, address, port: way.port };
    const knocked = await knockUntil({
      sequence: open,
      send: (knocks, gap) => vantage.knock(address, knocks, gap),
      look: async () => ((await awaitOpen(door)) === 'open' ? true : undefined),
      attempts: ATTEMPTS,
      turn: doorKey(vantage.name, address, way.port),
    });
    if (knocked === undefined)
      throw new Error(`port ${way.port} stays closed after ${ATTEMPTS} knocks${clocks(open)}`);
  }
  return openSession(
    { ...way, address },
    {
      timeoutSeconds: SILENT_SECONDS,
      slowSeconds: SLOW_SECONDS,
      fleeting,
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

/** What may keep a single packet from being taken, besides what may happen to any knock. */
function clocks(open: Sequence): string {
  if (!hasSinglePacket(open)) return '';
  return `; are the clocks of this machine and of the host more than ${PACKET_AGE} s apart?`;
}
