import { parseArgs } from 'node:util';
import { RELEASES } from '../../lab/base.ts';
import { BACKENDS, ENGINES } from '../exposure/generate.ts';
import { FAULT_NAMES } from './fault-names.ts';
import { type Limits, OPERATIONS } from './scenario.ts';

/** What the command does. */
export interface ChaosOptions {
  /** Runs to make, at least 1; the seeds are `seed`, `seed` + 1, … */
  readonly runs: number;
  readonly seed: number;
  /** Lab hosts at a time. */
  readonly hosts: number;
  /** Leaves the host of a violation as it is. */
  readonly keep: boolean;
  readonly limits: Limits;
}

/** `npm run chaos -- --help`. */
export const USAGE = `npm run chaos -- [options]
Makes random faults happen at random moments of random operations on fresh lab hosts, and looks from outside and inside whether
Postern's promises held: the owner gets in, what is closed is closed, what rolled back is as it was, what was said is true, and
the next run succeeds. Needs Linux and root.

  --runs N          how many runs (default 60)
  --seed N          seed of the first run, the next has the next number (default: of the clock)
  --hosts N         lab hosts at a time (default 4)
  --release NAME    only ${RELEASES.join(', ')}
  --backend NAME    only ${BACKENDS.join(', ')}
  --engine NAME     only ${ENGINES.join(', ')}
  --operation NAME  only ${OPERATIONS.join(', ')}
  --fault NAME      only ${FAULT_NAMES.slice(0, 7).join(', ')},
                    ${FAULT_NAMES.slice(7).join(', ')}
  --keep            leave the host of a violation running, and say where it is
  --help            this text

A run is made again by its seed and the same limits: npm run chaos -- --runs 1 --seed N`;

/**
 * Reads the command line; undefined when help was asked for.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      hosts: { type: 'string', default: '4' },
      release: { type: 'string' },
      backend: { type: 'string' },
      engine: { type: 'string' },
      operation: { type: 'string' },
      fault: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const limits = {
    release: oneOf('--release', values.release, RELEASES),
    backend: oneOf('--backend', values.backend, BACKENDS),
    engine: oneOf('--engine', values.engine, ENGINES),
    operation: oneOf('--operation', values.operation, OPERATIONS),
    fault: oneOf('--fault', values.fault, FAULT_NAMES),
  };
  if (limits.engine === 'fwknop' && limits.release === 'trixie')
    throw new Error('--engine fwknop --release trixie: Postern takes fwknop on bookworm and bullseye only');
  return {
    runs: whole('--runs', values.runs, 1, 10_000),
    seed: whole('--seed', values.seed, 0, 2 ** 31 - 1),
    hosts: whole('--hosts', values.hosts, 1, 16),
    keep: values.keep,
    limits,
  };
}

/** The options that make a run again. */
export function replay(seed: number, limits: Limits): string {
  const narrowed = Object.entries(limits).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  return ['npm run chaos -- --runs 1', `--seed ${seed}`, ...narrowed].join(' ');
}

function oneOf<T extends string>(
  option: string,
  text: string | undefined,
  list: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = list.find((name) => name === text);
  if (found === undefined) throw new Error(`${option} ${text}: there are ${list.join(', ')}`);
  return found;
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${option} ${text}: give a whole number from ${least} to ${most}`);
}
