import {
  type Command,
  familyOptions,
  jsonOption,
  type ParsedArgs,
  stackOption,
} from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { exitCode, usageError } from '../command-line/exit.ts';
import { untilInterrupted } from '../command-line/interrupt.ts';
import { askedFamily, placeOf } from '../host/family.ts';
import { withTransport } from '../host/with-transport.ts';
import { engineOf } from '../stack/engine.ts';
import { findHost } from '../stack/fleet.ts';
import { type Arrival, arrivalCounts, arrivalCountText, arrivalLine } from '../watch/arrival.ts';
import { consoleScript, type Listener } from '../watch/listen.ts';
import { type WatchedPort, watchedPorts } from '../watch/watched-ports.ts';
import { withListener } from '../watch/with-listener.ts';

/** Seconds that are listened for by default, and at most. */
const usual = 120;
const longest = 3600;

/** `postern watch`. */
export const watch: Command = {
  name: 'watch',
  summary: 'which knocks reach the host: for finding out what a cloud firewall drops',
  description: [
    'Goes in, and listens to the packets that arrive at the ports of the host’s sequences and at its ssh port, before the host’s own firewall sees them. Each is printed with its sender and its place in the sequence, never with its port. Meanwhile knock from the network that does not get in. At the end it says, for each sender, which knocks never arrived: something on the way drops them.',
    'It goes in through the door, so watch from where the door opens, or over the IP version that works: with -6 it goes in over IPv6 and hears knocks over both. A lab VPS whose door stays shut is listened to by its console. For any other, --script prints what to paste into a root shell of the provider’s console; it holds the ports of the sequences and is a secret.',
    'Nothing is installed or changed on the host: a Perl program listens at a socket, and ends with the connection.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  options: {
    seconds: {
      type: 'text',
      value: 'n',
      summary: `How long to listen, 1–${longest}; Ctrl-C ends it earlier. Default: ${usual}.`,
    },
    script: { type: 'flag', summary: 'Print the program for a root shell instead of running it. Secret.' },
    ...familyOptions,
    stack: stackOption,
    json: { ...jsonOption, summary: 'Print an object of JSON for each packet.' },
  },
  examples: [
    {
      command: 'npx --no-install postern watch devnet-1',
      purpose: 'then, elsewhere: npx --no-install postern knock devnet-1',
    },
    { command: 'npx --no-install postern watch devnet-1 -6', purpose: 'when knocks over IPv4 do not arrive' },
    { command: 'npx --no-install postern watch devnet-1 --script', purpose: 'for the provider’s console' },
  ],
  async run(given, context) {
    const seconds = secondsOf(given);
    const family = askedFamily(given);
    const engine = engineOf(context);
    const found = await findHost(engine, given.words[0] ?? '', given.text('stack'));
    const ports = watchedPorts(found.knock, found.host.sshPort);
    if (given.flag('script')) {
      context.stderr.write('# Secret: this holds the ports of the knock sequences.\n');
      context.stdout.write(consoleScript(ports, seconds));
      return exitCode.ok;
    }
    await withTransport(found, engine, context, async (approach) => {
      const place = await placeOf(found.host, family, approach.transport.vantage);
      await withListener({ ...approach, place }, context.project, (listener) =>
        listen(listener, { ears: ports, seconds, name: found.host.name }, given, context),
      );
    });
    return exitCode.ok;
  },
};

function secondsOf(given: ParsedArgs): number {
  const seconds = Number(given.text('seconds') ?? usual);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longest)
    throw usageError(`--seconds is a whole number from 1 to ${longest}`);
  return seconds;
}

interface Watched {
  readonly ears: readonly WatchedPort[];
  readonly seconds: number;
  readonly name: string;
}

async function listen(
  listener: Listener,
  { ears: ports, seconds, name }: Watched,
  given: ParsedArgs,
  context: Context,
) {
  const arrivals: Arrival[] = [];
  await untilInterrupted((signal) =>
    listener({
      ports,
      seconds,
      signal,
      onReady: () =>
        context.stderr.write(`Listening on ${name} for ${seconds} s. Knock now; Ctrl-C ends it.\n`),
      onArrival(arrival) {
        arrivals.push(arrival);
        context.stdout.write(`${given.flag('json') ? JSON.stringify(arrival) : arrivalLine(arrival)}\n`);
      },
    }),
  );
  const tallies = arrivalCounts(arrivals, ports);
  const sums = tallies.length === 0 ? ['No knock arrived from anywhere.'] : tallies.map(arrivalCountText);
  context.stderr.write(`\n${sums.join('\n')}\n`);
}
