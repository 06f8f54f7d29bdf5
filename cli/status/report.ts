import type { ChangeResult } from '../../transaction/record/change-result.ts';
import { hostOf } from '../../transaction/record/change-result.ts';
import type { Context } from '../command-line/context.ts';
import { exitCode } from '../command-line/exit.ts';
import { type Cell, plain, table } from '../command-line/table.ts';
import { shortTime } from '../command-line/time.ts';
import { isBad, outcomeOf } from '../stack/outcome.ts';
import type { FleetHost } from '../stack/outputs.ts';
import type { UnsealedHost } from '../stack/unsealed.ts';
import type { Finding } from './findings.ts';
import type { Reading } from './measure.ts';
import { statusHead, statusRows } from './rows.ts';

/** One host of the fleet: what is known of it, since when, and what is not. */
export interface Shown {
  readonly name: string;
  /** When it was last sealed; null: never. */
  readonly lastChange: string | null;
  readonly rows: readonly (readonly Cell[])[];
  readonly readings: readonly Reading[];
  readonly findings: readonly Finding[];
  /** What was not verified when it was sealed. */
  readonly unverified: readonly string[];
  /** Why its last change from here did not come into force; undefined: it did, or nothing is known of one. */
  readonly failure: string | undefined;
}

/** A sealed host, measured. */
export function sealedHost(
  host: FleetHost,
  { readings, findings }: Pick<Shown, 'readings' | 'findings'>,
  results: readonly ChangeResult[],
): Shown {
  const { name, sealedAt, unverified } = host;
  const result = results.find((each) => hostOf(each) === name);
  const outcome = outcomeOf(sealedAt, result, undefined);
  const failure = isBad(outcome) ? `${shortTime(result?.began ?? '')}: ${outcome.reason}` : undefined;
  const rows = statusRows(host, readings);
  return { name, lastChange: sealedAt, rows, readings, findings, unverified, failure };
}

/** A host that is configured and was not sealed: nobody promised anything of it yet, and it is as open as it was. */
export function unsealedHost({ name, address, result }: UnsealedHost, stack: string): Shown {
  const { word, reason } = outcomeOf(undefined, result, undefined);
  const began = result === undefined ? '' : ` (${shortTime(result.began)})`;
  const why =
    {
      failed: `its hardening failed${began}: ${reason}`,
      restored: `it was restored as it was before its first change${began}`,
    }[word as string] ?? reason;
  const text = `is configured and not sealed: ${why}\nHarden it: npm run up -- ${stack}`;
  const known = address ?? result?.address ?? '-';
  const bad: Cell = { text: 'NOT SEALED', tone: 'bad' };
  return {
    ...{ name, lastChange: null, readings: [], unverified: [], failure: undefined },
    rows: [[plain(name), plain(known), plain('-'), bad, plain('-'), plain('never')]],
    findings: [{ code: exitCode.failed, text }],
  };
}

/** Prints the table of a fleet, and below it what a table has no room for. */
export function print(stack: string, fleet: readonly Shown[], context: Context): void {
  const rows = fleet.flatMap((host) => host.rows);
  context.stdout.write(table(statusHead, rows, context));
  const list = (heading: string, lines: readonly string[]) => {
    if (lines.length > 0) context.stdout.write(`\n${heading}:\n${lines.join('')}`);
  };
  const line = (name: string, text: string) => `  ${name}: ${text.replaceAll('\n', '\n    ')}\n`;
  list(
    'Not verified when last sealed',
    fleet.flatMap(({ name, unverified }) => unverified.map((gap) => line(name, gap))),
  );
  list(
    'Last change failed, and what was sealed before is promised',
    fleet.flatMap(({ name, failure }) => (failure === undefined ? [] : [line(name, failure)])),
  );
  list(
    `Stack ${stack}: not as promised`,
    fleet.flatMap(({ name, findings }) => findings.map(({ text }) => line(name, text))),
  );
  if (fleet.some(({ findings }) => findings.length > 0)) return;
  const count = fleet.length === 1 ? '1 host' : `${fleet.length} hosts, all`;
  context.stdout.write(`\nStack ${stack}: ${count} as promised.\n`);
}

/** Prints the same for a machine. */
export function printJson(stack: string, fleet: readonly Shown[], context: Context): void {
  const hosts = fleet.map(({ name, lastChange, unverified, failure, readings, findings }) => ({
    stack,
    host: name,
    lastChange,
    lastFailure: failure ?? null,
    unverified,
    readings: readings.map((reading) => ({ ...reading, family: `ipv${reading.family}` })),
    problems: findings.map(({ text }) => text),
  }));
  context.stdout.write(`${JSON.stringify(hosts, undefined, 2)}\n`);
}
