import { setTimeout as sleep } from 'node:timers/promises';
import { execVps } from '../../lab/exec.ts';
import { RemoteError } from '../../remote/error.ts';
import { CommandError } from '../exit.ts';
import { type Entrance, inside } from '../inside.ts';
import { findLabHost } from '../lab-hosts.ts';
import type { Arrival } from '../watch/arrival.ts';
import { tallyOf } from '../watch/arrival.ts';
import { earsOf } from '../watch/ears.ts';
import { type Listener, listenerBy, listenerInLab } from '../watch/listen.ts';
import { broken, type Link, ok } from './link.ts';

/** Milliseconds after the last knock in which it has arrived, or never will. */
const travel = 1500;

/** The unit that acts on knocks, by the engine; the kernel engine has none. */
const units: Readonly<Record<string, string>> = { knockd: 'knockd', fwknop: 'fwknop-server' };

/** Somebody inside a host whose door does not open: ears, and a shell. */
interface Helper {
  /** How it came to be inside, in words. */
  readonly by: string;
  readonly listener: Listener;
  /** Standard output of a command that is run as root. */
  ask(argv: readonly string[]): Promise<string>;
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
  shut: Entrance,
  others: readonly Entrance[],
  project: string,
): Promise<Link[] | undefined> {
  for (const other of others) {
    try {
      return await inside(other, (session) =>
        knockAndListen(shut, {
          by: `over IPv${other.place.family}`,
          listener: listenerBy(session),
          ask: async (argv) => (await session.run({ argv, timeoutSeconds: 10 })).stdout,
        }),
      );
    } catch (error) {
      // That way is shut as well, or ssh fails: the next one.
      if (!(error instanceof CommandError || error instanceof RemoteError)) throw error;
    }
  }
  const { host, stack } = shut.found;
  if (host.target !== 'lab') return undefined;
  const { vps } = await findLabHost(project, host.name, stack);
  if (vps.power !== 'on') return undefined;
  return knockAndListen(shut, {
    by: 'at the console',
    listener: listenerInLab(vps),
    ask: async (argv) => (await execVps(vps, argv)).stdout,
  });
}

async function knockAndListen({ found, place, passage }: Entrance, helper: Helper): Promise<Link[]> {
  const ears = earsOf(found.knock, found.host.sshPort);
  const arrivals: Arrival[] = [];
  const done = new AbortController();
  const ready = Promise.withResolvers<void>();
  const listening = helper.listener({
    ears,
    seconds: 30,
    signal: done.signal,
    onReady: ready.resolve,
    onArrival: (arrival) => arrivals.push(arrival),
  });
  try {
    await Promise.race([ready.promise, listening]);
    await passage.vantage.knock(place.address, found.knock.open);
    await sleep(travel);
  } finally {
    done.abort();
    await listening;
  }
  const own = arrivals.filter(({ from }) => from.includes(':') === (place.family === 6));
  return judge(tallyOf(own, ears), helper, found.host.knockEngine, found.stack);
}

async function judge(
  tallies: ReturnType<typeof tallyOf>,
  { by, ask }: Helper,
  engine: string,
  stack: string,
): Promise<Link[]> {
  const whole = tallies.find(({ missing }) => missing.length === 0);
  if (whole !== undefined) {
    const arrived = ok('knock', `all ${whole.came.length} knocks arrived from ${whole.from} (heard ${by})`);
    const unit = units[engine];
    const state = unit === undefined ? 'active' : (await ask(['systemctl', 'is-active', unit])).trim();
    if (unit !== undefined && state !== 'active')
      return [
        arrived,
        broken(
          'door',
          `${unit} is not running there: ${state}`,
          `In the host: systemctl restart ${unit}; journalctl -u ${unit} says why it ended. Or: npx pulumi up -s ${stack} --refresh, which finds and mends it.`,
        ),
      ];
    return [
      arrived,
      broken(
        'door',
        `${engine} is there and does not open for these knocks`,
        `Has the host another sequence, brought up from another machine or state? npx postern log shows what it made of the knocks; npx pulumi up -s ${stack} --refresh mends what differs.`,
      ),
    ];
  }
  const part = tallies.toSorted((left, right) => right.came.length - left.came.length)[0];
  const seen =
    part === undefined
      ? `no knock arrives at the host (heard ${by})`
      : `${part.came.length} of ${part.came.length + part.missing.length} knocks arrive from ${part.from} (heard ${by}); missing: ${part.missing.map(({ label, protocol }) => `${label} (${protocol})`).join(', ')}`;
  return [
    broken(
      'knock',
      seen,
      `Something between here and the host drops them: the provider’s cloud firewall, or the network you are in. The ports that have to pass: npx pulumi stack output knock -s ${stack} --json --show-secrets`,
    ),
  ];
}
