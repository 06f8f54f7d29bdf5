import { CommandError, exitCode } from '../command-line/exit.ts';
import { type HostAccess, withSession } from '../host/session.ts';
import { runningLabVps } from '../stack/lab-hosts.ts';
import { type Listener, listenerBy, listenerInLab } from './listen.ts';

/**
 * Gives `use` ears on a host: through its door, or, where that stays shut and the host is a lab VPS, by its console.
 *
 * @throws CommandError `door` that says what else there is; RemoteError when the login fails.
 */
export async function withListener<T>(
  access: HostAccess,
  project: string,
  use: (listener: Listener) => Promise<T>,
): Promise<T> {
  const { stack, host } = access.found;
  let entered = false;
  try {
    return await withSession(access, (session) => {
      entered = true;
      return use(listenerBy(session));
    });
  } catch (error) {
    if (entered || !(error instanceof CommandError) || error.code !== exitCode.door) throw error;
    const vps = host.target === 'lab' ? await runningLabVps(project, host.name, stack) : undefined;
    if (vps !== undefined) return use(listenerInLab(vps));
    throw new CommandError(
      `${error.message}\nTo listen all the same, take another way in: -4 or -6, another network, or the provider's console: npx --no-install postern watch ${host.name} --stack ${stack} --script`,
      exitCode.door,
    );
  }
}
