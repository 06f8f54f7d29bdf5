import type { Session } from '../../remote/ssh/session.ts';
import type { Hop, SshTarget } from '../../remote/ssh/target.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { firstOf, sameDoor } from '../stack/unfinished.ts';
import type { Transport } from './door.ts';
import type { Place } from './family.ts';
import { openHost } from './knock-host.ts';
import type { LoginIdentity } from './login-identity.ts';

/** Seconds that a login through the open door may take. */
const loginTimeoutSeconds = 15;

/** How a host is come into. */
export interface HostAccess {
  readonly found: FoundHost;
  readonly place: Place;
  readonly transport: Transport;
  readonly login: LoginIdentity;
  /** The jump host of the passage. */
  readonly jump: Hop | undefined;
}

/** The way through the door of a host, once it is open; programs run as root. */
export function sshTarget({ found, place, login, jump }: Omit<HostAccess, 'transport'>): SshTarget {
  const { host, totp } = found;
  const { user, sshPort: port, hostKeys, adminKeys: knownKeys } = host;
  const sudo = user !== 'root';
  return { address: place.address, port, user, hostKeys, identity: login, knownKeys, totp, jump, sudo };
}

/**
 * Knocks, logs in as the administrator, and gives the session to `use`; programs run as root.
 *
 * @throws CommandError `door`; RemoteError when the login fails.
 */
export async function withSession<T>(access: HostAccess, use: (session: Session) => Promise<T>): Promise<T> {
  const { openSession } = await import('../../remote/ssh/session.ts');
  const { socket, inForce } = await openHost(access.found, access.place, access.transport);
  socket?.resetAndDestroy();
  const session = await firstOf(sameDoor(inForce, access.found), (found) =>
    openSession(sshTarget({ ...access, found }), { timeoutSeconds: loginTimeoutSeconds }),
  );
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
