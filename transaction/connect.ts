import { PACKET_AGE } from '../posture/knock/fwknop.ts';
import { hasSinglePacket, type Sequence } from '../posture/knock/sequence.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import type { Family } from '../remote/address.ts';
import { knockOpen } from '../remote/door.ts';
import { RemoteError, type RemoteErrorKind } from '../remote/error.ts';
import { type OpenOptions, openSession, type Session } from '../remote/ssh/session.ts';
import type { Identity, SshTarget } from '../remote/ssh/target.ts';
import type { Vantage } from '../remote/vantage.ts';
import type { InitialAccess, Job, Report, Sealable } from './job.ts';
import { knownHostKeys } from './known-host-keys.ts';
import { SILENT_SECONDS, SLOW_SECONDS } from './time-limits.ts';

/** One way that may lead into a host. */
export interface LoginRoute {
  /** In words, for messages. */
  readonly name: string;
  readonly target: SshTarget;
  /** Knocks to send first. */
  readonly open?: Sequence | undefined;
  /** Nothing goes over it that has to stay secret for years. */
  readonly shortLived: boolean;
  /** Who else may be let in, where the host refuses the identity of the way. */
  readonly otherIdentities?: readonly (Identity | undefined)[] | undefined;
}

/** A session, and how it was come by. */
export interface Login {
  readonly session: Session;
  readonly route: LoginRoute;
}

/** None of the ways led into the host. Nothing was done to it. */
export class NoLoginError extends Error {
  override readonly name = 'NoLoginError';
  /** Somebody answered and turned this client away: a host counts that, and may shut out who does it often. */
  readonly turnedAway: boolean;

  constructor(message: string, turnedAway = false) {
    super(message);
    this.turnedAway = turnedAway;
  }
}

/** What a host counts against a client, and what no second try changes. */
const TURNED_AWAY: readonly RemoteErrorKind[] = [
  'auth-refused',
  'account-expired',
  'closed-by-server',
  'host-key-mismatch',
  'bad-identity',
  'no-client',
];

/** How often a door is knocked at before the next way is tried. */
const ATTEMPTS = 3;

/** What of a job says how a host is entered. */
type RouteParts = Pick<Job, 'initialAccess' | 'identity' | 'posture' | 'sequences' | 'totp' | 'newHostKeys'>;

/**
 * Whether what a change takes to its host is no secret for longer than the change itself: ports that are knocked at are
 * seen by whoever sees the knocks, and would see this; the keys of single packets, of the second factor and of the host
 * itself never are.
 */
function isShortLived({ sequences: { open, close }, totp, newHostKeys }: RouteParts): boolean {
  return totp === undefined && newHostKeys === undefined && !hasSinglePacket([...open, ...(close ?? [])]);
}

/** The knocked front door of a sealed host. */
export function frontDoorRoute(job: RouteParts, sealed: Sealable, hostKeys: readonly string[]): LoginRoute {
  const { posture, sequences, totp } = sealed;
  return {
    name: `the knocked front door, ${posture.admin.user} on port ${posture.ssh.port}`,
    open: sequences.open,
    shortLived: isShortLived(job),
    target: targetOf(job.initialAccess, {
      port: posture.ssh.port,
      user: posture.admin.user,
      hostKeys,
      identity: job.identity,
      knownKeys: posture.admin.authorizedKeys,
      totp: asksForCode(posture) ? totp : undefined,
    }),
  };
}

/** The way in before Postern ever changed the host. */
export function initialAccessRoute(job: RouteParts): LoginRoute {
  const { initialAccess, identity, posture } = job;
  return {
    name: `the initial access, ${initialAccess.user} on port ${initialAccess.port}`,
    shortLived: isShortLived(job),
    target: targetOf(initialAccess, {
      ...{ port: initialAccess.port, user: initialAccess.user, hostKeys: initialAccess.hostKeys, identity },
      knownKeys: posture.admin.authorizedKeys,
    }),
  };
}

function targetOf(
  first: InitialAccess,
  login: Pick<SshTarget, 'port' | 'user' | 'hostKeys' | 'identity' | 'knownKeys' | 'totp'>,
): SshTarget {
  return { ...login, address: first.address, jump: first.jump, sudo: login.user !== 'root' };
}

/** In the order in which they are likely to work: as it was proven, as it is to become, as it may have become. */
export function loginRoutes(job: Job): LoginRoute[] {
  const now = frontDoorRoute(job, job, knownHostKeys(job));
  const late = unprovenDoors(job);
  return job.previous === undefined
    ? [initialAccessRoute(job), now, ...late]
    : [...provenDoors(job), now, ...late, initialAccessRoute(job)];
}

/** Those of a host that is only looked at, or given back: it is wanted as it was proven. */
export function provenRoutes(job: Job): LoginRoute[] {
  return [...provenDoors(job), ...unprovenDoors(job), initialAccessRoute(job)];
}

function provenDoors(job: Job): LoginRoute[] {
  const { previous } = job;
  if (previous === undefined) return [];
  const door = frontDoorRoute(job, previous, knownHostKeys(job));
  return [{ ...door, otherIdentities: others(job, previous.identity) }];
}

/** The doors of changes whose end was not seen. */
function unprovenDoors(job: Job): LoginRoute[] {
  const { candidates = [], previous } = job;
  const tried = [job, ...(previous === undefined ? [] : [previous])].map(doorOf);
  const hostKeys = knownHostKeys(job);
  return candidates.flatMap(({ port, user, open, totp, identity }): LoginRoute[] => {
    const door = canonical(port, user, open, totp);
    const otherIdentities = others(job, identity);
    if (tried.includes(door) && otherIdentities.length === 0) return [];
    tried.push(door);
    const login = { port, user, hostKeys, identity: job.identity, totp };
    const target = targetOf(job.initialAccess, { ...login, knownKeys: job.posture.admin.authorizedKeys });
    const name = `the knocked front door of an unfinished change, ${user} on port ${port}`;
    return [{ name, open, shortLived: isShortLived(job), target, otherIdentities }];
  });
}

function doorOf({ posture, sequences, totp }: Sealable): string {
  return canonical(
    posture.ssh.port,
    posture.admin.user,
    sequences.open,
    asksForCode(posture) ? totp : undefined,
  );
}

function canonical(...door: [number, string, Sequence, string | undefined]): string {
  return JSON.stringify(door);
}

/** The identity of then, where it is another one than now. */
function others({ identity: now }: Job, then: Identity | undefined): (Identity | undefined)[] {
  return JSON.stringify(then) === JSON.stringify(now) ? [] : [then];
}

/**
 * Comes in by the first approach that works; knocks, where there is one to be sent, from `vantage`.
 *
 * @throws NoLoginError that lists what each approach met.
 */
export async function logIn(
  candidates: readonly LoginRoute[],
  vantage: Vantage,
  report: Report,
  signal?: AbortSignal,
): Promise<Login> {
  const met: string[] = [];
  let turnedAway = false;
  for (const route of candidates) {
    try {
      const login = await tryRoute(route, vantage, signal);
      report(`logged in by ${route.name}`);
      return login;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      turnedAway ||= error instanceof RemoteError && TURNED_AWAY.includes(error.kind);
      met.push(`${route.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new NoLoginError(`no login route works.\n${met.map((line) => `  ${line}`).join('\n')}`, turnedAway);
}

async function tryRoute(route: LoginRoute, vantage: Vantage, signal?: AbortSignal): Promise<Login> {
  const { target, open, shortLived, otherIdentities = [] } = route;
  const family: Family = target.address.includes(':') ? 6 : 4;
  // A name has to be resolved once, so that knock and login go to one address.
  const address = await vantage.resolve(target.address, family);
  if (open !== undefined) {
    if (!(await knockOpen({ vantage, address, port: target.port }, open, ATTEMPTS)))
      throw new Error(`port ${target.port} stays closed after ${ATTEMPTS} knocks${clocks(open)}`);
  }
  const options: OpenOptions = {
    timeoutSeconds: SILENT_SECONDS,
    slowSeconds: SLOW_SECONDS,
    shortLived,
    ...(signal === undefined ? {} : { signal }),
  };
  const login = async (identity: Identity | undefined) => {
    const session = await openSession({ ...target, identity, address }, options);
    return { session, route: { ...route, target: { ...target, identity } } };
  };
  try {
    return await login(target.identity);
  } catch (error) {
    if (!isRefusedIdentity(error)) throw error;
    for (const identity of otherIdentities) {
      const found = await login(identity).catch(() => undefined);
      if (found !== undefined) return found;
    }
    throw error;
  }
}

function isRefusedIdentity(error: unknown): boolean {
  return error instanceof RemoteError && ['auth-refused', 'bad-identity'].includes(error.kind);
}

/** What may keep a single packet from being taken, besides what may happen to any knock. */
function clocks(open: Sequence): string {
  if (!hasSinglePacket(open)) return '';
  return `; are the clocks of this machine and of the host more than ${PACKET_AGE} s apart?`;
}
