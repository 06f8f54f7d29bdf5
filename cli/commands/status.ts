import { hasSinglePacket } from '../../posture/knock/sequence.ts';
import { changeKey, lockHolder } from '../../remote/file-lock.ts';
import { spaProblem } from '../../remote/spa.ts';
import { type Command, jsonOption, stackOption } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { CommandError, exitCode } from '../command-line/exit.ts';
import { mapBounded } from '../command-line/map-bounded.ts';
import type { Transport } from '../host/door.ts';
import { type Place, placesOf } from '../host/family.ts';
import { jumpOf } from '../host/login-identity.ts';
import { Transports } from '../host/transport.ts';
import { shortName } from '../ssh/pinned.ts';
import { type Engine, engineOf } from '../stack/engine.ts';
import { type Fleet, foundIn, loadFleet, noHosts } from '../stack/fleet.ts';
import { loginIdentities } from '../stack/identities.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { ifKnockable, unfinishedDoors, unfinishedNote } from '../stack/unfinished.ts';
import { unsealedHosts } from '../stack/unsealed.ts';
import { askHost } from '../status/ask-host.ts';
import { type Finding, findingsOf, worst } from '../status/findings.ts';
import { type HostQuestion, measure, type Reading } from '../status/measure.ts';
import { print, printJson, sealedHost, unsealedHost } from '../status/report.ts';

/** Hosts looked at side by side: enough for a fleet in seconds, few enough for a home router. */
const together = 16;

/** How thoroughly hosts are looked at. */
interface How {
  readonly knocking: boolean;
  /** Why no single packet can be made here; undefined where one can, or none is needed. */
  readonly noClient: string | undefined;
  readonly everyPort: boolean;
}

/** One host as it was seen. */
interface Seen {
  readonly host: FleetHost;
  readonly readings: readonly Reading[];
  readonly findings: readonly Finding[];
}

/** `postern status`. */
export const status: Command = {
  name: 'status',
  summary: 'look at the fleet from outside: now, after a knock, last change',
  description: [
    'Measures every sealed host of the stack from this machine, or from its jump host where it has one, over IPv4 and IPv6: whether the ssh port and the backup port are closed, whether the first ssh port and port 22 are closed too, which a host that was made anew has open, whether the ports that are open without a knock pass, whether the door opens for the sequence and closes again. LAST CHANGE is when Postern last changed and sealed the host. What was not verified then is listed below the table; it does not change the exit status, nor does a change from this machine that failed and left the host as it was sealed before. A host that the stack configures and that is not sealed has a row, and ends with status 1.',
    'Through the open door it asks the host, if this machine has a key for it, whether it could load its firewall rules, whether its knock daemon still has its sandbox, and whether its sshd does what it was sealed with. What differs is said, and ends with status 1.',
    'An ssh port that is still open for this machine after an earlier knock is closed first. A host that this machine is changing is not measured: the change is named instead, with status 1. UDP ports are not measured: from outside, open and dropped look alike. A port that resets the connection passes: the packet reached the host, and nothing listens there yet.',
    'With `--all-ports` every TCP port is tried, in an order of chance and 1000 at a time: 20 seconds for each address of a host that is near, two minutes where no port is open without a knock. What answers and is not in the configuration ends with status 4, unless the host keeps rules of its own (`firewall.foreignRules`).',
  ],
  arguments: [],
  options: {
    'no-knock': { type: 'flag', summary: 'Only look; knock nowhere, close nothing.' },
    'all-ports': {
      type: 'flag',
      summary: 'Also try every other TCP port: what docker publishes past the firewall, for one.',
    },
    stack: stackOption,
    json: jsonOption,
  },
  examples: [
    { command: 'npx --no-install postern status', purpose: 'the fleet of the selected stack' },
    {
      command: 'npx --no-install postern status --all-ports',
      purpose: 'what answers besides, such as ports of containers',
    },
    {
      command: 'npx --no-install postern status --no-knock --json',
      purpose: 'for a monitor that must not open doors',
    },
  ],
  exitNote: 'Where several things are not as promised, the highest of 1, 3 and 4.',
  async run(given, context) {
    const engine = engineOf(context);
    const fleet = await loadFleet(engine, given.text('stack'));
    const waiting = unsealedHosts(engine, fleet);
    if (fleet.hosts.length === 0 && (await waiting).length === 0) throw noHosts(fleet.stack);
    const knocking = !given.flag('no-knock');
    const single = Object.values(fleet.knock).some(({ open }) => hasSinglePacket(open));
    const noClient = knocking && single ? await spaProblem() : undefined;
    const how: How = { knocking, noClient, everyPort: given.flag('all-ports') };
    const transports = new Transports();
    // Read while the hosts are looked at: only who gets in needs it.
    const logins = knocking ? loginsIn(engine, fleet.stack, context) : Promise.resolve(undefined);
    const lookAt = async (host: FleetHost) => {
      const transport = await transports.by(jumpOf(host, context));
      return look(host, how, fleet, transport, askHost(host, fleet, logins, context));
    };
    const [seen, unsealed] = await Promise.all([
      mapBounded(fleet.hosts, together, lookAt).finally(() => transports.close()),
      waiting,
    ]);
    const results = engine.results(fleet.stack);
    const shown = [
      ...seen.map((each) => sealedHost(each.host, each, results)),
      ...unsealed.map((host) => unsealedHost(host, fleet.stack)),
    ];
    if (given.flag('json')) printJson(fleet.stack, shown, context);
    else print(fleet.stack, shown, context);
    return worst(shown.flatMap(({ findings }) => findings));
  },
};

async function loginsIn(engine: Engine, stack: string, context: Context) {
  try {
    return loginIdentities(await engine.configuration(stack), stack, context);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

async function look(
  host: FleetHost,
  how: How,
  fleet: Fleet,
  transport: Transport,
  inside: (place: Place) => HostQuestion,
): Promise<Seen> {
  const { knock } = fleet;
  const { vantage } = transport;
  const changing = await lockHolder(changeKey(host.address));
  if (changing !== undefined)
    return {
      host,
      readings: [],
      findings: [
        {
          code: exitCode.failed,
          text: `a change is under way since ${changing.since} (process ${changing.process} of this machine), so nothing was measured: run this again when it has ended`,
        },
      ],
    };
  const missing = await vantage.problem();
  if (missing !== undefined)
    return { host, readings: [], findings: [{ code: exitCode.failed, text: missing }] };
  const sequences = how.knocking ? knock[host.name] : undefined;
  const unmade = sequences !== undefined && hasSinglePacket(sequences.open) ? how.noClient : undefined;
  const readings: Reading[] = [];
  // One after the other: two knocks at once from one machine tell less if something is wrong.
  const known = unmade === undefined ? sequences : undefined;
  for (const place of await placesOf(host, vantage))
    readings.push(await measure(host, place, known, transport, how.everyPort, inside(place)));
  const findings = readings.flatMap((reading) =>
    findingsOf(host, reading).map(({ code, text }) => ({ code, text: `${reading.address}: ${text}` })),
  );
  if (host.interrupted !== null) findings.unshift(interruption(host.interrupted, fleet.stack));
  const late = readings.every(({ afterKnock }) => afterKnock?.ssh !== 'open') && unmade === undefined;
  if (sequences !== undefined && late) findings.push(...(await unfinished(host, fleet, transport)));
  if (unmade !== undefined) findings.push({ code: exitCode.failed, text: `not knocked at: ${unmade}` });
  if (readings.some(({ now }) => now !== null)) return { host, readings, findings };
  const text =
    readings.length === 0
      ? `${host.address} does not resolve on ${vantage.name}`
      : `no route leads there from ${vantage.name}`;
  return { host, readings, findings: [{ code: exitCode.failed, text }] };
}

function interruption(text: string, stack: string): Finding {
  return {
    code: exitCode.failed,
    text: `${text}. Run \`npm run up -- ${shortName(stack)}\`: it enters the host and hardens it again`,
  };
}

/** Whether the door opens for a change whose end was not seen. */
async function unfinished(host: FleetHost, fleet: Fleet, transport: Transport): Promise<Finding[]> {
  const found = foundIn(fleet, host.name);
  const [place] = found === undefined ? [] : await placesOf(host, transport.vantage);
  if (found === undefined || place === undefined) return [];
  for (const late of unfinishedDoors(found)) {
    const reading = await ifKnockable(() => measure(late.host, place, late.knock, transport));
    const note = reading?.afterKnock?.ssh === 'open' ? unfinishedNote(late, found) : undefined;
    if (note !== undefined) return [{ code: exitCode.door, text: note.replace(`${host.name}: `, '') }];
  }
  return [];
}
