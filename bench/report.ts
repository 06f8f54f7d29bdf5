import { cpus, release, totalmem } from 'node:os';
import type { BenchOptions } from './options.ts';
import { medianPhases, type Phase } from './phases.ts';
import { type Action, FLOORS, type Sample, type Subject, series } from './sample.ts';
import { median, ratio } from './statistics.ts';
import { seconds, table } from './table.ts';
import { MEMORY_LIMIT, type Verdict, verdicts, wasQuiet } from './verdict.ts';

/** Everything that a run of the bench found; `.postern/bench/results.json`. */
export interface Results {
  /** When it began, in UTC (ISO 8601). */
  readonly date: string;
  readonly machine: string;
  readonly options: BenchOptions;
  /** Load averages of 1, 5 and 15 minutes when it began. */
  readonly load: readonly number[];
  /** Why a peer was left out, in words. */
  readonly missing: readonly string[];
  readonly samples: readonly Sample[];
  /** Phases of Postern's hardenings, by number of hosts. */
  readonly phases: Readonly<Record<string, readonly (readonly Phase[])[]>>;
  /** Most memory of the plugin in each hardening, in KiB, by number of hosts. */
  readonly memory: Readonly<Record<string, readonly number[]>>;
  readonly verdicts: readonly Verdict[];
}

/** Processors, memory, kernel and Node.js of this machine. */
export function machine(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${gigabytes} GiB, Linux ${release()}, Node.js ${process.versions.node}`;
}

/** The results as text: what was measured, beside what, and what may be claimed of it. */
export function report(results: Results): string {
  const { samples, options, machine: where, date, load, missing } = results;
  const sizes = [1, options.many];
  const worst = Math.max(0, ...samples.map(({ busy }) => busy));
  return [
    `${date}, ${where}`,
    `load at the start ${load.map((value) => value.toFixed(2)).join(' ')}; processors in use before a run at most ${Math.round(worst * 100)} %; ${options.rounds} rounds, medians`,
    ...missing,
    '',
    table([
      ['', ...sizes.flatMap((hosts) => [hosts === 1 ? '1 host' : `${hosts} hosts`, '× script'])],
      ...(['script', 'Postern', 'pyinfra', 'Ansible'] as const).map((subject) => [
        subject,
        ...sizes.flatMap((hosts) => cells(samples, subject, 'harden', hosts, 'script')),
      ]),
    ]),
    '',
    idleTable(samples, sizes),
    '',
    ...sizes.flatMap((hosts) => phaseTable(results, hosts)),
    ...verdictLines(results),
  ].join('\n');
}

/** Runs with nothing to change, beside each of the empty programs. */
function idleTable(samples: readonly Sample[], sizes: readonly number[]): string {
  const actions = ['up, nothing to change', 'preview, nothing to change'] as const;
  return table([
    ['nothing to change', 'beside', ...sizes.flatMap((hosts) => [`Postern, ${hosts}`, '×'])],
    ...FLOORS.flatMap((floor) =>
      actions.map((action) => {
        const found = samples.filter((sample) => sample.subject === floor && sample.action === action);
        return [
          `pulumi ${action.split(',')[0]}, ${floor}`,
          seconds(median(found.map(({ milliseconds }) => milliseconds))),
          ...sizes.flatMap((hosts) => cells(samples, 'Postern', action, hosts, floor)),
        ];
      }),
    ),
  ]);
}

function cells(
  samples: readonly Sample[],
  subject: Subject,
  action: Action,
  hosts: number,
  against: Subject,
): string[] {
  const own = series(samples, subject, action, hosts);
  const found = ratio(own, series(samples, against, action, hosts));
  return [seconds(median(own)), found === undefined ? '' : found.median.toFixed(2)];
}

function phaseTable({ phases }: Results, hosts: number): string[] {
  const found = medianPhases(phases[hosts] ?? []);
  if (found.length === 0) return [];
  const heading = [
    `where the time of Postern's up goes, ${hosts === 1 ? '1 host' : `${hosts} hosts (mean)`}`,
    '',
  ];
  return [table([heading, ...found.map(({ name, milliseconds }) => [name, seconds(milliseconds)])]), ''];
}

function verdictLines({ verdicts: all, memory, options, samples }: Results): string[] {
  const lines = all.map(
    ({ action, hosts, against, limit, ratio: { median: found, low, high }, result }) =>
      `${result}: ${action}, ${hosts === 1 ? '1 host' : `${hosts} hosts`}: ${found.toFixed(2)} × ${against} (${low.toFixed(2)}–${high.toFixed(2)}), target ≤ ${limit}`,
  );
  const peak = Math.max(...(memory[options.many] ?? []));
  if (peak > 0) {
    const megabytes = (peak * 1024) / 1e6;
    const result = megabytes <= MEMORY_LIMIT ? 'met' : 'missed';
    lines.push(
      `${result}: memory of the plugin, ${options.many} hosts: ${megabytes.toFixed(0)} MB, target ≤ ${MEMORY_LIMIT} MB`,
    );
  }
  if (!wasQuiet(samples))
    lines.push('The machine had other work: measure again when it has not, before claiming any of this.');
  return lines;
}

/** Puts the verdicts to what was measured. */
export function judged(results: Omit<Results, 'verdicts'>): Results {
  return { ...results, verdicts: verdicts(results.samples, results.options.many) };
}
