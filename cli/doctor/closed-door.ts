import { engineNamed } from '../../posture/knock/engines.ts';
import { excerpt } from '../../remote/sanitise.ts';
import { fallbackCommand, fallbackWords, readFallback } from '../host/fallback.ts';
import type { KnockEvent } from '../log/event.ts';
import { eventsBy, lengthsOf } from '../log/read.ts';
import type { FoundHost } from '../stack/fleet.ts';
import { broken, type Check } from './check.ts';
import { type Ask, type KnockState, knockProgress, knockState } from './knock-state.ts';

/** What was heard of knocks that all arrived. */
export interface Heard {
  /** The knocker's address, as the host sees it. */
  readonly from: string;
  /** A connection to the ssh port arrived as well. */
  readonly connects: boolean;
  /** When the first of them was sent, by the host's clock, as `journalctl --since` takes it. */
  readonly since: string;
  /** What the kernel remembered then. */
  readonly before: KnockState;
}

/** The unit to look at where a host with this engine hears knocks and does not open. */
export function unitOf(engine: string): string {
  return engineNamed(engine)?.unit ?? engine;
}

/** Why the door stays shut though every knock arrived: from the host's kernel, its journal and its units. */
export async function diagnoseClosedDoor(found: FoundHost, heard: Heard, ask: Ask): Promise<Check> {
  const { from, connects, since, before } = heard;
  const { host, stack, knock } = found;
  const { knockEngine: engine, sshPort } = host;
  const mend = `Once there is a way in, npx pulumi up -s ${stack} --refresh finds what differs and mends it.`;
  const fallback = readFallback(await ask(fallbackCommand));
  if (fallback !== undefined)
    return broken(
      'door',
      fallbackWords(fallback),
      `At its console: sh /usr/local/lib/postern/closed load tries to load them again; journalctl -u postern-firewall -u postern-closed says what failed. ${mend}`,
    );
  const unit = unitOf(engine);
  const state = excerpt((await ask(['systemctl', 'is-active', unit])).trim(), 100);
  if (state !== 'active')
    return broken(
      'door',
      `${unit} is not running there: ${state}`,
      `At its console: systemctl restart ${unit}; journalctl -u ${unit} says why it ended. ${mend}`,
    );
  const after = await knockState(ask, knock.open.length);
  if (after.deaf)
    return broken(
      'door',
      'the firewall there has no rules in force that count knocks',
      `At its console: systemctl reload ${unit} puts them in force. ${mend}`,
    );
  const word = knockProgress(before, after, from);
  const { events } = await eventsBy(ask, lengthsOf(knock), since, 200);
  const own = events.filter((event) => event.from === from && event.door !== 'close');
  if (word.admitted || own.some(({ event }) => event === 'opened'))
    return behind(sshPort, from, connects, mend);
  const late = own.find(({ why }) => why === 'clock');
  if (late !== undefined) return apart(late);
  const listener = engineNamed(engine)?.atWork ?? `${engine} runs`;
  const most = Math.max(word.stage, ...own.map(({ stage }) => stage ?? 0));
  return broken('door', `${listener} there, and ${taken(most, knock.open.length)}`, another(stack, mend));
}

function behind(port: number, from: string, connects: boolean, mend: string): Check {
  return connects
    ? broken(
        'door',
        `it was opened for ${from}, and connections to port ${port} arrive; another rule on the host drops them`,
        `Rules that were added by hand, or another firewall beside this one? Take them away at its console (docs/locked-out.md). ${mend}`,
      )
    : broken(
        'door',
        `it was opened for ${from}, but connections to port ${port} do not arrive at the host`,
        `Something on the way drops them: the provider’s cloud firewall has to pass port ${port} too (the host itself hides it), or the network you are in.`,
      );
}

function apart({ seconds }: KnockEvent): Check {
  return broken(
    'door',
    `fwknop refused the packet: the clocks of this machine and of the host are ${seconds} s apart`,
    'Set the one right that is wrong: date -u on both, the host’s in the provider’s console; timedatectl set-ntp true has systemd-timesyncd or chrony do it, where one is installed.',
  );
}

function taken(most: number, length: number): string {
  return most === 0
    ? 'these mean nothing to it'
    : `took ${most} of ${length} knocks, in their order, for its sequence`;
}

function another(stack: string, mend: string): string {
  return `Has the host another sequence, brought up from another machine or with another state? Then this one’s is old: is its backend the right one (npx pulumi whoami -v, npx pulumi stack -s ${stack})? Otherwise open the host at its console (docs/locked-out.md). ${mend}`;
}
