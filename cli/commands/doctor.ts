import { type Command, familyOptions, jsonOption, stackOption } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { type ExitCode, exitCode } from '../command-line/exit.ts';
import { wrap } from '../command-line/table.ts';
import { broken, type Check, type CheckName, checkLine, codeOf, firstFailure, ok } from '../doctor/check.ts';
import { examine } from '../doctor/examine.ts';
import { askedFamily, placesOf } from '../host/family.ts';
import type { HostAccess } from '../host/session.ts';
import { type HostTransport, withTransport } from '../host/with-transport.ts';
import { engineOf } from '../stack/engine.ts';
import { type FoundHost, findHost } from '../stack/fleet.ts';

/** The examination over one IP version; null where it ended before that was known. */
interface Examined {
  readonly family: 4 | 6 | null;
  readonly links: readonly Check[];
}

/** `postern doctor`. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'why can I not get in: goes the way link by link and says which one is broken',
  description: [
    'Goes the way of a login over each IP version that the host has, and stops at the link that is broken: jump host, address (DNS), route, host (does it answer anything), knock (does it leave, does it arrive), door (does it open), sshd, host key, login (which key), root (sudo), and, where something is amiss there, the host’s rules, the sandbox of its knock daemon, and access (does its sshd do what it was sealed with). Then it says what to do. It changes nothing, and closes the door that it opened. What it is doing goes to standard error, because a door that stays shut takes the better part of a minute.',
    'Whether a knock arrives can only be seen on the host: doctor listens there where the door opens over the other IP version, and at the console of a lab VPS. Otherwise it says `unknown`, and how to see it in the provider’s console. A door that still stands open from an earlier knock is closed first and knocked at anew; fwknop’s, which nothing closes, is gone through and says nothing of the next knock: ask again when its time is over.',
  ],
  arguments: [{ name: 'host', summary: 'A host of the stack.' }],
  options: { ...familyOptions, stack: stackOption, json: jsonOption },
  examples: [
    { command: 'npx --no-install postern doctor devnet-1', purpose: 'over IPv4 and IPv6' },
    { command: 'npx --no-install postern doctor devnet-1 -4', purpose: 'over IPv4 alone' },
  ],
  exitNote:
    '0: you can get in the way `postern ssh` takes; 3: its knock or its door is the broken link; 1: any other link is.',
  async run(given, context) {
    const family = askedFamily(given);
    const engine = engineOf(context);
    const found = await findHost(engine, given.words[0] ?? '', given.text('stack'));
    return withTransport(found, engine, context, async (approach) => {
      const { transport, jump } = approach;
      const problem = await transport.vantage.problem();
      if (problem !== undefined) {
        const link = broken('jump host', problem, 'Get the jump host back first; the host is behind it.');
        return report(found, [{ family: null, links: [link] }], given.flag('json'), context);
      }
      const first = jump === undefined ? [] : [ok('jump host', `knocks leave from ${jump.address}`)];
      const entrances = await entrancesOf(approach);
      const examined: Examined[] = [];
      // A door that stays shut takes the better part of a minute.
      const say = (step: string) => {
        if (!given.flag('json')) context.stderr.write(`${step} …\n`);
      };
      for (const access of entrances) {
        if (family !== undefined && access.place.family !== family) continue;
        const others = entrances.filter((each) => each !== access && each.place.source !== undefined);
        const links = await examine(access, others, context.project, (step) =>
          say(`${found.host.name} over IPv${access.place.family}: ${step}`),
        );
        examined.push({ family: access.place.family, links: [...first, ...links] });
      }
      if (examined.length === 0)
        examined.push({ family: family ?? null, links: [...first, noAddress(found)] });
      return report(found, examined, given.flag('json'), context);
    });
  },
};

async function entrancesOf(approach: HostTransport): Promise<HostAccess[]> {
  const places = await placesOf(approach.found.host, approach.transport.vantage);
  return places.map((place) => ({ ...approach, place }));
}

function noAddress({ host, stack }: FoundHost): Check {
  return broken(
    'address',
    `${host.addressV6 ?? host.address} does not resolve, or there is no address of this IP version`,
    `Check the name in your DNS, or write the address into stacks/Pulumi.${stack}.yaml.`,
  );
}

function report(found: FoundHost, examined: readonly Examined[], json: boolean, context: Context): ExitCode {
  const { host, stack } = found;
  // The way that `postern ssh` takes: the first that a route leads to.
  const usual = examined.find(
    ({ links }) => !links.some(({ name, state }) => name === 'route' && state === 'broken'),
  );
  const code = codeOf((usual ?? examined[0])?.links ?? []);
  if (json) {
    const results = examined.map(({ family, links }) => ({
      family: family === null ? null : `ipv${family}`,
      broken: firstFailure(links)?.name ?? null,
      links,
    }));
    context.stdout.write(`${JSON.stringify({ stack, host: host.name, results }, undefined, 2)}\n`);
    return code;
  }
  for (const { family, links } of examined) {
    context.stdout.write(`${host.name}${family === null ? '' : ` over IPv${family}`}\n`);
    for (const link of links) context.stdout.write(`${checkLine(link)}\n`);
    context.stdout.write(`${verdict(host.name, family, links, context.width)}\n\n`);
  }
  return code;
}

function verdict(host: string, family: 4 | 6 | null, links: readonly Check[], width: number): string {
  const found = firstFailure(links);
  if (codeOf(links) === exitCode.ok) {
    const way = `You can get in: npx --no-install postern ssh ${host}${family === 6 ? ' -6' : ''}`;
    const but = found === undefined ? undefined : yetWrong[found.name];
    if (but === undefined) return way;
    return [way, ...wrap(`But ${but}. ${found?.advice ?? ''}`, width)].join('\n');
  }
  const what = found?.state === 'broken' ? 'The broken link: ' : 'Not known to hold: ';
  const lines = wrap(`${what}${found?.name}. ${found?.advice ?? ''}`, width);
  return [...lines, ...(found?.commands ?? []).map((command) => `  ${command}`)].join('\n');
}

/** What is wrong with a host that lets you in all the same. */
const yetWrong: Partial<Record<CheckName, string>> = {
  rules: 'its rules are not in force',
  sandbox: 'its knock daemon runs without its sandbox',
  access: 'its sshd lets in others than it was sealed with',
};
