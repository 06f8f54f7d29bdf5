import type { TimedLine } from './command.ts';
import { median } from './statistics.ts';

/** A part of an `up` and how long it took. */
export interface Phase {
  readonly name: string;
  readonly milliseconds: number;
}

/** A line of the engine's about a host's hardening: its name, what is done to it, what the plugin reports. */
const HARDENING = /^\s*[+~]+\s+postern:index:Hardening (\S+) (\w+) \([\d.]+s\)\s*(.*)$/;

/**
 * Where the time of an `up` went, by when the engine printed what: its own start, that of program and plugin, what the
 * plugin reported while it changed hosts (the mean over hosts), and the engine's end.
 *
 * @param lines what `pulumi up --non-interactive` printed.
 * @param total milliseconds until it had ended.
 */
export function phasesOf(lines: readonly TimedLine[], total: number): Phase[] {
  const engine = lines.find(({ text }) => text.startsWith('Updating'))?.at;
  const marks = lines.flatMap(({ at, text }) => {
    const [, host, doing, report = ''] = HARDENING.exec(text) ?? [];
    return host === undefined || doing === undefined ? [] : [{ at, host, doing, report }];
  });
  const first = marks[0]?.at;
  const last = marks.at(-1)?.at;
  if (engine === undefined || first === undefined || last === undefined) return [];
  const hosts = [...new Set(marks.map(({ host }) => host))];
  const steps = hosts.map((host) => stepsOf(marks.filter((mark) => mark.host === host)));
  const names = [...new Set(steps.flatMap((own) => own.map(({ name }) => name)))];
  return [
    { name: 'engine starts', milliseconds: engine },
    { name: 'program and plugin start', milliseconds: first - engine },
    ...names.map((name) => ({
      name,
      milliseconds:
        steps.flat().reduce((sum, step) => (step.name === name ? sum + step.milliseconds : sum), 0) /
        hosts.length,
    })),
    { name: 'engine ends', milliseconds: total - last },
  ];
}

interface Mark {
  readonly at: number;
  readonly doing: string;
  readonly report: string;
}

/** From each new report to the next; the first is the way in, the last line says that it is done. */
function stepsOf(marks: readonly Mark[]): Phase[] {
  const end = marks.findIndex(({ doing }) => doing === 'created' || doing === 'updated');
  const steps: Phase[] = [];
  let begin = marks[0]?.at ?? 0;
  let name = 'logging in';
  for (const { at, report } of marks.slice(1, end < 0 ? undefined : end + 1)) {
    const next = report.split(/[:;,]/)[0] ?? '';
    if (next !== '' && next !== name) {
      steps.push({ name, milliseconds: at - begin });
      begin = at;
      name = next;
    }
  }
  const over = marks[end < 0 ? marks.length - 1 : end]?.at ?? begin;
  return [...steps, { name, milliseconds: over - begin }];
}

/** The median of each phase over several runs, in the order of the first. */
export function medianPhases(runs: readonly (readonly Phase[])[]): Phase[] {
  const names = [...new Set(runs.flatMap((run) => run.map(({ name }) => name)))];
  return names.map((name) => ({
    name,
    milliseconds: median(
      runs.flatMap((run) => run.filter((phase) => phase.name === name).map((phase) => phase.milliseconds)),
    ),
  }));
}
