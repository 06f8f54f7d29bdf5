import { type Command, familyOptions, jsonOption, stackOption } from '../command-line/command.ts';
import { exitCode, usageError } from '../command-line/exit.ts';
import { untilInterrupted } from '../command-line/interrupt.ts';
import { askedFamily, placeOf } from '../host/family.ts';
import { withSession } from '../host/session.ts';
import { withTransport } from '../host/with-transport.ts';
import { eventLine, type KnockEvent } from '../log/event.ts';
import { followEvents, lengthsOf, readEvents } from '../log/read.ts';
import { engineOf } from '../stack/engine.ts';
import { findHost } from '../stack/fleet.ts';

/** Entries that are read at most. */
const most = 1000;

/** `postern log`. */
export const log: Command = {
  name: 'log',
  summary: 'knocks as the host saw them: stages, opened, closed, from whom',
  description: [
    'Knocks, logs in and reads the host’s journal. One format, whatever listens for knocks there. A stage is a knock that came in its order; the port it came to is not shown. Of fwknop it also tells which packets were refused, and why. The knocks of this command are among them.',
    'A timed door leaves no line when the kernel closes it: its `opened` line says after how many seconds that is.',
    'Only what the kernel, the knock engine’s own unit and the door’s program (as root) wrote counts: other users of the host can log under any name.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  options: {
    follow: { type: 'flag', short: 'f', summary: 'Go on printing what comes, until Ctrl-C.' },
    since: {
      type: 'text',
      value: 'time',
      summary:
        'From when on, as journalctl takes it: `-2h`, `yesterday`, `2026-11-21 09:00`. Default: `-1h`.',
    },
    ...familyOptions,
    stack: stackOption,
    json: { ...jsonOption, summary: 'Print an object of JSON for each line.' },
  },
  examples: [
    { command: 'npx --no-install postern log devnet-1', purpose: 'the last hour' },
    { command: 'npx --no-install postern log devnet-1 --follow', purpose: 'watch somebody knock' },
    { command: 'npx --no-install postern log devnet-1 --since yesterday --json', purpose: 'for a script' },
  ],
  async run(given, context) {
    const since = given.text('since') ?? '-1h';
    if (!/^[\w:.+@ -]{1,60}$/.test(since)) throw usageError('--since is a time, as journalctl(1) takes it');
    const family = askedFamily(given);
    const engine = engineOf(context);
    const found = await findHost(engine, given.words[0] ?? '', given.text('stack'));
    const print = (event: KnockEvent) =>
      context.stdout.write(`${given.flag('json') ? JSON.stringify(event) : eventLine(event)}\n`);
    const lengths = lengthsOf(found.knock);
    await withTransport(found, engine, context, async (approach) => {
      const place = await placeOf(found.host, family, approach.transport.vantage);
      await withSession({ ...approach, place }, async (session) => {
        const { events, cursor } = await readEvents(session, lengths, since, most);
        for (const event of events) print(event);
        if (given.flag('follow'))
          await untilInterrupted((signal) => followEvents(session, lengths, cursor, print, signal));
      });
    });
    return exitCode.ok;
  },
};
