import { type ChangeResult, hostOf } from '../../transaction/record/change-result.ts';
import { type Command, stackOption } from '../command-line/command.ts';
import type { Context } from '../command-line/context.ts';
import { exitCode, usageError } from '../command-line/exit.ts';
import { type Cell, table, wrap } from '../command-line/table.ts';
import { refreshSshFiles } from '../ssh/refresh.ts';
import { type Engine, engineOf } from '../stack/engine.ts';
import { type Fleet, loadFleet, noHosts } from '../stack/fleet.ts';
import { isBad, type Outcome, outcomeCounts, outcomeOf } from '../stack/outcome.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { unsealedHosts } from '../stack/unsealed.ts';
import { madeAnew } from '../summary/outside.ts';
import { sealedRow, summaryHead, unsealedRow } from '../summary/rows.ts';

/** One host of the table. */
interface Line {
  readonly name: string;
  readonly outcome: Outcome;
  readonly row: readonly Cell[];
  /** What was not looked at when the host was sealed. */
  readonly unverified: readonly string[];
  /** What else the operator was told by the change. */
  readonly warnings: readonly string[];
}

/** `postern summary`. */
export const summary: Command = {
  name: 'summary',
  summary: 'what became of each host, and what is in force: how `npm run up` ends',
  description: [
    'Prints, for every host that the stack configures, what the last change came to, what is reachable now and after a knock, and how much of that was seen from outside when the host was last sealed; below that, why a change failed. Of a host that the run left unchanged it looks from outside whether it was made anew; `postern status` looks at the rest. Entries of `postern ssh-config` are brought up to date.',
    'What is in force comes from each host’s own record in the state, so it holds after an `up` that failed, too. Why a change failed is known on the machine that made it.',
  ],
  arguments: [],
  options: {
    since: {
      type: 'text',
      value: 'time',
      summary: 'When a run began (ISO 8601): a host that was not changed since then is `unchanged`.',
    },
    stack: stackOption,
  },
  examples: [{ command: 'npx --no-install postern summary --stack devnet', purpose: 'after an `up`' }],
  async run(given, context) {
    const engine = engineOf(context);
    const since = timeOf(given.text('since'));
    const fleet = await loadFleet(engine, given.text('stack'));
    const lines = await linesOf(engine, fleet, since);
    if (lines.length === 0) throw noHosts(fleet.stack);
    if (fleet.hosts.length > 0) await refreshSshFiles(engine, fleet, context);
    print(fleet.stack, lines, since, context);
    context.stdout.write(`\nNext: ${await nextCommand(engine, fleet, lines)}\n`);
    return exitCode.ok;
  },
};

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw usageError(`--since ${JSON.stringify(text)} is not a time (ISO 8601)`);
  return time.toISOString();
}

async function linesOf(engine: Engine, fleet: Fleet, since: string | undefined): Promise<Line[]> {
  const results = engine.results(fleet.stack);
  const told = fleet.hosts.map((host) => {
    const result = results.find((each) => hostOf(each) === host.name);
    return { host, result, outcome: outcomeOf(host.sealedAt, result, since) };
  });
  const unchanged = told.filter(({ outcome }) => outcome.word === 'unchanged');
  const anew = await madeAnew(unchanged.map(({ host }) => host));
  const sealed = told.map(({ host, result, outcome: word }) => {
    const outcome = notAsSealed(anew.get(host.name), fleet.stack) ?? word;
    return {
      name: host.name,
      outcome,
      row: sealedRow(host, outcome),
      unverified: host.unverified,
      warnings: warningsOf(result, host, outcome),
    };
  });
  const unsealed = (await unsealedHosts(engine, fleet)).map((host) => {
    const outcome = outcomeOf(undefined, host.result, since);
    return { name: host.name, outcome, row: unsealedRow(host, outcome), unverified: [], warnings: [] };
  });
  return [...sealed, ...unsealed];
}

/** What a change that sealed a host told besides. */
function warningsOf(
  result: ChangeResult | undefined,
  { unverified }: FleetHost,
  { word }: Outcome,
): string[] {
  const warnings = word === 'sealed' ? (result?.warnings ?? []) : [];
  return warnings.filter((words) => !unverified.includes(words));
}

/** What an unchanged host comes to of which something was seen from outside that it was not sealed with. */
function notAsSealed(seen: string | undefined, stack: string): Outcome | undefined {
  if (seen === undefined) return undefined;
  const reason = `${seen}: it may have been restored or made anew. Nothing was changed there, because the state has it sealed. \`npm run up -- ${stack} --refresh\` enters it and hardens it again; if it has new host keys, put them into target.hostKeys first.`;
  return { word: 'not as sealed', reason };
}

function print(stack: string, lines: readonly Line[], since: string | undefined, context: Context): void {
  const { stdout, width } = context;
  stdout.write(
    `\n${table(
      summaryHead,
      lines.map(({ row }) => row),
      context,
    )}`,
  );
  const outcomes = lines.map(({ outcome }) => outcome);
  const unseen = outcomes.some(({ word }) => word === 'unchanged')
    ? '. At what is unchanged only its first port was looked at; npx --no-install postern status looks at all of it'
    : '';
  if (since !== undefined)
    stdout.write(`\n${wrap(`Stack ${stack}: ${outcomeCounts(outcomes)}${unseen}.`, width).join('\n')}\n`);
  for (const { name, outcome, unverified, warnings } of lines) {
    const failed = outcome.reason === undefined ? [] : [`${name} ${outcome.word}: ${outcome.reason}`];
    const gaps = unverified.map((gap) => `${name}, not verified: ${gap}.`);
    for (const text of [
      ...failed,
      ...gaps,
      ...warnings.map((words) => `${name}: ${words.replace(/\.?$/, '.')}`),
    ])
      stdout.write(`\n${wrap(text, width - 2).join('\n  ')}\n`);
  }
}

async function nextCommand(engine: Engine, { stack, hosts }: Fleet, lines: readonly Line[]): Promise<string> {
  if (lines.some(({ outcome }) => isBad(outcome)))
    return `npm run up -- ${stack}, once the reasons above are settled`;
  const stacks = await engine.stacks();
  const clear = stacks.length === 1 || stacks.some((each) => each.selected && each.name === stack);
  return `npx --no-install postern ssh ${hosts[0]?.name}${clear ? '' : ` --stack ${stack}`}`;
}
