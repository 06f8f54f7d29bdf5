import type { HostRecord } from './host.ts';
import type { WayName } from './jobs.ts';
import type { Said } from './said.ts';
import type { Sighting } from './sampler.ts';
import type { Operation } from './scenario.ts';

/** What was seen of a run once the dust had settled. */
export interface Observed {
  readonly operation: Operation;
  readonly said: Said;
  /** The host's record before the operation and after it; undefined: it could not be asked. */
  readonly before: HostRecord | undefined;
  readonly after: HostRecord | undefined;
  /** The host had decided its change in time. */
  readonly decided: boolean;
  /** How the owner got in; undefined: not at all. */
  readonly way: WayName | undefined;
  /** Where the host differs from what it was before. */
  readonly changed: readonly string[];
  /** Where it differs from what it was sealed as; undefined: it is not sealed. */
  readonly drift: readonly string[] | undefined;
  /** What a bystander saw answering, of the front door and the backup door. */
  readonly sightings: readonly Sighting[];
  readonly backupPort: number;
  /** What the same order, given again, came to; undefined: it succeeded. */
  readonly again: string | undefined;
  /** What was wrong with the host after that. */
  readonly afterwards: readonly string[];
}

/** What a run found: violations, and what is known of and not counted. */
export interface Verdict {
  readonly violations: readonly string[];
  readonly known: readonly string[];
}

/** What became of the host, by its own record. */
export type Fate = 'as before' | 'changed' | 'given back' | 'undecided';

/** Judges what was seen against what is promised. */
export function verdictOn(observed: Observed): Verdict {
  const fate = fateOf(observed);
  const seen = answered(observed);
  return {
    violations: [
      ...(observed.way === undefined ? ['nobody gets in, by the old way or by the new one'] : []),
      ...(fate === 'undecided'
        ? [`the host has not decided its change (${observed.after?.phase ?? 'it cannot be asked'})`]
        : []),
      ...wayProblems(observed, fate),
      ...stateProblems(observed, fate),
      ...saidProblems(observed, fate),
      ...seen.violations,
      ...(observed.again === undefined ? [] : [`the next run does not succeed: ${observed.again}`]),
      ...observed.afterwards.map((text) => `after the next run: ${text}`),
    ],
    known: seen.known,
  };
}

/** What became of the host: the record of a change that was never begun is that of the one before. */
export function fateOf({
  operation,
  before,
  after,
  decided,
}: Pick<Observed, 'operation' | 'before' | 'after' | 'decided'>): Fate {
  if (!decided || after === undefined) return 'undecided';
  if (after.phase === 'none') return operation === 'destroy' ? 'given back' : 'as before';
  if (after.phase === 'undone' || after.id === before?.id) return 'as before';
  return 'changed';
}

/** The way that should lead into a host; undefined while it is undecided. */
export function dueWay(operation: Operation, fate: Fate): WayName | undefined {
  switch (fate) {
    case 'as before':
      return operation === 'first-change' ? 'first' : 'old';
    case 'changed':
      return operation === 'destroy' ? 'old' : 'new';
    case 'given back':
      return 'first';
    default:
      return undefined;
  }
}

function wayProblems({ operation, way }: Observed, fate: Fate): string[] {
  const right = dueWay(operation, fate);
  // A change that keeps port, user and sequence would have two ways in one; chaos always changes the sequence.
  return way === undefined || right === undefined || way === right
    ? []
    : [`the host is ${fate}, and the ${way} way leads in`];
}

function stateProblems({ changed, drift, after }: Observed, fate: Fate): string[] {
  const errors =
    after?.errors === '' || after?.errors === undefined ? [] : [`the rollback met errors: ${after.errors}`];
  switch (fate) {
    case 'as before':
      return [...errors, ...some('the host rolled back and is not as it was', changed)];
    case 'changed':
      return drift === undefined
        ? ['the host is sealed without a manifest']
        : some('the sealed host has drifted', drift);
    case 'given back':
      return some('the host was given back and is not as it was', changed);
    default:
      return errors;
  }
}

/** What each word of the deployer's allows the host to be. */
const MEANS: Partial<Record<Said, readonly Fate[]>> = {
  sealed: ['changed'],
  'given back': ['given back'],
  'rolled back': ['as before'],
  kept: ['changed', 'given back'],
  'no answer': ['as before'],
  untouched: ['as before'],
};

function saidProblems({ said }: Observed, fate: Fate): string[] {
  if (said === 'died') return ['the deployer hung or died'];
  if (said === 'rolled back in part') return ['the deployer says that not everything could be rolled back'];
  const allowed = MEANS[said];
  return allowed === undefined || fate === 'undecided' || allowed.includes(fate)
    ? []
    : [`the deployer says “${said}”, and the host is ${fate}`];
}

/**
 * What a bystander saw. On a sealed host both doors stay shut, unless it is given back, and the backup door opens for nobody but
 * its deployer on any host. A reset is no door, and a lab host's network is there before its firewall is.
 */
function answered({ operation, sightings, backupPort }: Observed): Verdict {
  const violations: string[] = [];
  const known: string[] = [];
  for (const { address, port, state, first, last, count } of sightings) {
    const words = `port ${port} ${state === 'open' ? 'was open' : 'answered with a reset'} for a bystander at ${address}, ${count} times, ${first.toFixed(1)} to ${last.toFixed(1)} s`;
    const sealed = operation === 'change' || operation === 'switch';
    if (state === 'open' && (sealed || port === backupPort)) violations.push(words);
    else if (state !== 'open' && sealed) known.push(words);
  }
  return { violations, known };
}

/** The first lines of a list, under a heading; nothing for an empty one. */
function some(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, 12).map((line) => `\n      ${line}`);
  const more = lines.length > 12 ? `\n      … ${lines.length - 12} more` : '';
  return [`${heading}:${shown.join('')}${more}`];
}
