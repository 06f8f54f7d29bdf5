import type { KnockOutput } from '../../components/outputs.ts';
import type { Candidate } from '../../posture/candidates.ts';
import { CommandError, usageError } from '../command-line/exit.ts';
import { shortName } from '../ssh/pinned.ts';
import type { Engine } from './engine.ts';
import { outcomeOf } from './outcome.ts';
import type { FleetHost, Outputs } from './outputs.ts';
import { unsealedHosts } from './unsealed.ts';

/** The hosts of a stack as its outputs have them. */
export interface Fleet {
  readonly stack: string;
  readonly hosts: readonly FleetHost[];
  /** What opens each host's door, by the host's name. Secret. */
  readonly knock: Readonly<Record<string, KnockOutput>>;
  /** What the codes of a host's second factor are made from, by the host's name; only hosts that have one. Secret. */
  readonly totp: Readonly<Record<string, string>>;
  /** Ways in that may be in force although they were never proven, newest first, by the host's name. Secret. */
  readonly candidates: Readonly<Record<string, readonly Candidate[]>>;
}

/** One host with its stack and what opens its door. */
export interface FoundHost {
  readonly stack: string;
  readonly host: FleetHost;
  /** All hosts of the stack. */
  readonly hosts: readonly FleetHost[];
  /** Secret. */
  readonly knock: KnockOutput;
  /** Secret, base32; undefined: the host asks for no code. */
  readonly totp: string | undefined;
  /** Ways in that may be in force although they were never proven, newest first. Secret. */
  readonly candidates: readonly Candidate[];
}

/**
 * The fleet of the stack that is asked for, else of the selected one, else of the only one there is.
 *
 * @throws CommandError `usage` naming the choices; `failed` when the stack has no hosts yet or the engine fails.
 */
export async function readFleet(engine: Engine, asked: string | undefined): Promise<Fleet> {
  const fleet = await loadFleet(engine, asked);
  if (fleet.hosts.length === 0) throw noHosts(fleet.stack);
  return fleet;
}

/** The same, of a stack that may have no hosts. */
export async function loadFleet(engine: Engine, asked: string | undefined): Promise<Fleet> {
  const stack = asked ?? (await chooseStack(engine));
  return load(engine, stack, asked !== undefined);
}

/** What an operator is told whose stack has no hosts. */
export function noHosts(stack: string): CommandError {
  return new CommandError(`Stack ${stack} has no hosts yet. Make them: npm run up -- ${stack}`);
}

async function chooseStack(engine: Engine): Promise<string> {
  const stacks = await engine.stacks();
  const chosen = stacks.find(({ selected }) => selected) ?? (stacks.length === 1 ? stacks[0] : undefined);
  if (chosen !== undefined) return chosen.name;
  if (stacks.length === 0) throw noStack();
  throw usageError(
    `There are several stacks and none is selected. Say which: ${choices(stacks.map(({ name }) => name))}`,
  );
}

/**
 * Finds a host: in the stack that is asked for, else in the selected one, else in the only one that has it.
 *
 * @throws CommandError `usage` naming the choices; `failed` when the engine fails.
 */
export async function findHost(engine: Engine, name: string, asked: string | undefined): Promise<FoundHost> {
  if (asked !== undefined) {
    const fleet = await load(engine, asked, true);
    const found = foundIn(fleet, name);
    if (found === undefined) throw (await notSealed(engine, name, [fleet])) ?? notThere(name, [fleet]);
    return found;
  }
  const stacks = await engine.stacks();
  if (stacks.length === 0) throw noStack();
  const first = stacks.find(({ selected }) => selected);
  const selected = first === undefined ? [] : [await load(engine, first.name, false)];
  const inSelected = selected.flatMap((fleet) => foundIn(fleet, name) ?? []);
  if (inSelected[0] !== undefined) return inSelected[0];

  const others = stacks.filter((stack) => stack !== first);
  const loaded = await Promise.allSettled(others.map((stack) => load(engine, stack.name, false)));
  const fleets = loaded.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const found = fleets.flatMap((fleet) => foundIn(fleet, name) ?? []);
  if (found.length > 1)
    throw usageError(`${name} is in several stacks. Say which: ${choices(found.map(({ stack }) => stack))}`);
  if (found[0] !== undefined) return found[0];
  const failed = loaded.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const all = [...selected, ...fleets];
  throw (await notSealed(engine, name, all)) ?? notThere(name, all);
}

/** The host of that name; undefined where the fleet has none, or none that was sealed. */
export function foundIn(
  { stack, hosts, knock, totp, candidates }: Fleet,
  name: string,
): FoundHost | undefined {
  const host = hosts.find((each) => each.name === name);
  const own = knock[name];
  return host === undefined || own === undefined
    ? undefined
    : { stack, host, hosts, knock: own, totp: totp[name], candidates: candidates[name] ?? [] };
}

async function load(engine: Engine, stack: string, asked: boolean): Promise<Fleet> {
  const short = shortName(stack);
  const loading = engine.outputs(stack);
  // Read while the engine works: the checks cost some 50 ms to load.
  const schema = import('./outputs.ts');
  try {
    const { readOutputs } = await schema;
    return { stack, ...withKnownHostKeys(readOutputs(stack, await loading)) };
  } catch (error) {
    if (!asked) throw error;
    const known = (await engine.stacks().catch(() => [])).map(({ name }) => name);
    const isKnown = known.some((each) => each.split('/').at(-1) === short);
    if (known.length === 0 || isKnown || stack.includes('/')) throw error;
    throw usageError(`There is no stack ${JSON.stringify(stack)}. There are: ${choices(known)}`);
  }
}

/** Host keys of a change whose end was not seen may be in force; whoever has their private halves has them from this state. */
function withKnownHostKeys<T extends Outputs>(outputs: T): T {
  const hosts = outputs.hosts.map((host) => {
    const late = (outputs.candidates[host.name] ?? []).flatMap(({ hostKeys = [] }) => hostKeys);
    return { ...host, hostKeys: [...new Set([...host.hostKeys, ...late])] };
  });
  return { ...outputs, hosts };
}

function noStack(): CommandError {
  return new CommandError('There is no stack yet. Make one with its hosts: npm run up');
}

/** What an operator is told of a host that is configured and has no door yet; undefined: no stack configures it. */
async function notSealed(
  engine: Engine,
  name: string,
  fleets: readonly Fleet[],
): Promise<CommandError | undefined> {
  for (const fleet of fleets) {
    const host = (await unsealedHosts(engine, fleet)).find((each) => each.name === name);
    if (host === undefined) continue;
    const { word, reason } = outcomeOf(undefined, host.result, undefined);
    const why = word === 'failed' ? `; its last change failed: ${reason}` : '.';
    return new CommandError(
      `Stack ${fleet.stack} configures ${name}, and ${name} is not sealed: there is no door to knock at${why}\nHarden it: npm run up -- ${fleet.stack}`,
    );
  }
  return undefined;
}

function notThere(name: string, fleets: readonly Fleet[]): CommandError {
  const there = fleets
    .filter(({ hosts }) => hosts.length > 0)
    .map(({ stack, hosts }) => `${stack}: ${hosts.map((host) => host.name).join(', ')}`);
  const where = fleets.length === 1 ? `Stack ${fleets[0]?.stack} has` : 'No stack has';
  const what =
    there.length === 0 ? 'There are no hosts yet; npm run up makes them.' : `There are: ${there.join('; ')}`;
  return usageError(
    `${where} ${fleets.length === 1 ? 'no' : 'a'} host called ${JSON.stringify(name)}. ${what}`,
  );
}

function choices(stacks: readonly string[]): string {
  return stacks.map((stack) => `--stack ${stack}`).join(', ');
}
