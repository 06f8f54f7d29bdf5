import type { Session } from '../remote/ssh/session.ts';
import type { Hop, SshTarget } from '../remote/ssh/target.ts';
import type { Passage } from './door.ts';
import type { Place } from './family.ts';
import type { FoundHost } from './fleet.ts';
import { enterHost } from './knock-host.ts';
import type { Login } from './login.ts';
import { firstOf, sameDoor } from './unfinished.ts';

/** Seconds that a login through the open door may take. */
const patience = 15;

/** How a host is come into. */
export interface Entrance {
  readonly found: FoundHost;
  readonly place: Place;
  readonly passage: Passage;
  readonly login: Login;
  /** The jump host of the passage. */
  readonly jump: Hop | undefined;
}

/** The way through the door of a host, once it is open; programs run as root. */
export function wayIn({ found, place, login, jump }: Omit<Entrance, 'passage'>): SshTarget {
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
export async function inside<T>(entrance: Entrance, use: (session: Session) => Promise<T>): Promise<T> {
  const { openSession } = await import('../remote/ssh/session.ts');
  const { socket, inForce } = await enterHost(entrance.found, entrance.place, entrance.passage);
  socket?.resetAndDestroy();
  const session = await firstOf(sameDoor(inForce, entrance.found), (found) =>
    openSession(wayIn({ ...entrance, found }), { timeoutSeconds: patience }),
  );
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
