import { setTimeout as sleep } from 'node:timers/promises';
import { execVps } from '../../lab/exec.ts';
import { RemoteError } from '../../remote/error.ts';
import { CommandError } from '../command-line/exit.ts';
import { type HostAccess, withSession } from '../host/session.ts';
import { runningLabVps } from '../stack/lab-hosts.ts';
import type { Arrival } from '../watch/arrival.ts';
import { arrivalCounts } from '../watch/arrival.ts';
import { type Listener, listenerBy, listenerInLab } from '../watch/listen.ts';
import { reachesSsh, watchedPorts } from '../watch/watched-ports.ts';
import { broken, type Check, ok } from './check.ts';
import { diagnoseClosedDoor } from './closed-door.ts';
import { type Ask, knockState, NO_KNOCK_STATE } from './knock-state.ts';

/** Milliseconds after the last knock in which it has arrived, or never will. */
const travel = 1500;

/** Somebody inside a host whose door does not open: ears, and a shell. */
interface Helper {
  /** How it came to be inside, in words. */
  readonly by: string;
  readonly listener: Listener;
  readonly ask: Ask;
}

/**
 * Knocks once more while somebody inside listens: over the other IP version where the door opens for that, or at a lab
 * VPS's console.
 *
 * @param shut the door that does not open.
 * @param others other ways through the door of the same host.
 * @returns the links `knock` and `door`; undefined where nobody can get inside.
 */
export async function listenInside(
  shut: HostAccess,
  others: readonly HostAccess[],
  project: string,
): Promise<Check[] | undefined> {
  for (const other of others) {
    try {
      return await withSession(other, (session) =>
        knockAndListen(shut, {
          by: `over IPv${other.place.family}`,
          listener: listenerBy(session),
          ask: async (argv) =>
            (await session.run({ argv, timeoutSeconds: 10, maxOutputBytes: 1024 * 1024 })).stdout,
        }),
      );
    } catch (error) {
      // That way is shut as well, or ssh fails: the next one.
      if (!(error instanceof CommandError || error instanceof RemoteError)) throw error;
    }
  }
  const { host, stack } = shut.found;
  const vps = host.target === 'lab' ? await runningLabVps(project, host.name, stack) : undefined;
  if (vps === undefined) return undefined;
  return knockAndListen(shut, {
    by: 'at the console',
    listener: listenerInLab(vps),
    ask: async (argv) => (await execVps(vps, argv)).stdout,
  });
}

async function knockAndListen(shut: HostAccess, helper: Helper): Promise<Check[]> {
  const { found, place, transport } = shut;
  const ports = watchedPorts(found.knock, found.host.sshPort);
  const arrivals: Arrival[] = [];
  const done = new AbortController();
  const ready = Promise.withResolvers<void>();
  const listening = helper.listener({
    ports,
    seconds: 30,
    signal: done.signal,
    onReady: ready.resolve,
    onArrival: (arrival) => arrivals.push(arrival),
  });
  let begun = '';
  let before = NO_KNOCK_STATE;
  try {
    await Promise.race([ready.promise, listening]);
    before = await knockState(helper.ask, found.knock.open.length);
    begun = (await helper.ask(['date', '+%s'])).trim();
    await transport.vantage.knock(place.address, found.knock.open);
    await sleep(100);
    // Whether a connection arrives is to be heard as well.
    await transport.vantage.probeTcp(place.address, found.host.sshPort, travel);
  } finally {
    done.abort();
    await listening;
  }
  const own = arrivals.filter(({ from }) => from.includes(':') === (place.family === 6));
  const tallies = arrivalCounts(own, ports);
  const whole = tallies.find(({ missing }) => missing.length === 0);
  if (whole === undefined) return [lost(tallies, helper.by, found.stack)];
  const { from, came } = whole;
  const connects = own.some((arrival) => arrival.from === from && reachesSsh(arrival.what));
  return [
    ok('knock', `all ${came.length} knocks arrived from ${from} (heard ${helper.by})`),
    await diagnoseClosedDoor(found, { from, connects, since: `@${begun}`, before }, helper.ask),
  ];
}

function lost(tallies: ReturnType<typeof arrivalCounts>, by: string, stack: string): Check {
  const part = tallies.toSorted((left, right) => right.came.length - left.came.length)[0];
  const seen =
    part === undefined
      ? `no knock arrives at the host (heard ${by})`
      : `${part.came.length} of ${part.came.length + part.missing.length} knocks arrive from ${part.from} (heard ${by}); missing: ${part.missing.map(({ label, protocol }) => `${label} (${protocol})`).join(', ')}`;
  return broken(
    'knock',
    seen,
    `Something between here and the host drops them: the provider’s cloud firewall, or the network you are in. The ports that have to pass: npx pulumi stack output knock -s ${stack} --json --show-secrets`,
  );
}
