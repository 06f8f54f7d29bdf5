import { parseArgs } from 'node:util';
import { BACKENDS, type Backend, ENGINES, type Engine } from './generate.ts';

/** What the command measures. */
export interface ExposureOptions {
  readonly backend: Backend;
  readonly engine: Engine;
  /** Postures to try, at least 1. */
  readonly runs: number;
  /** The same seed makes the same postures. */
  readonly seed: number;
  /** Which part of the postures is tried, `part` of `parts` equal ones; 1 of 1 is all of them. */
  readonly shard: { readonly part: number; readonly parts: number };
  /** Lab hosts that share the postures, each taking its part in order. */
  readonly hosts: number;
}

/** `npm run exposure -- --help`. */
export const USAGE = `npm run exposure -- [options]
Makes random valid postures, takes one lab host through all of them, and compares after each what its exposure table
says with what a scan meets: every TCP port and the interesting UDP ones, from two addresses, IPv4 and IPv6, before and
after a knock. Needs Linux and root.

  --backend NAME  ${BACKENDS.join(', ')} (default ${BACKENDS[0]})
  --engine NAME   ${ENGINES.join(', ')} (default ${ENGINES[0]})
  --runs N        how many postures (default 100)
  --seed N        the same seed makes the same postures (default: of the clock)
  --shard 2/4     only the second quarter of them, so that a long run can be made in pieces
  --hosts N       lab hosts that share them, because one spends much of its time waiting (default 1)
  --help          this text`;

/**
 * Reads the command line; undefined when help was asked for.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): ExposureOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backend: { type: 'string', default: BACKENDS[0] ?? '' },
      engine: { type: 'string', default: ENGINES[0] ?? '' },
      runs: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      shard: { type: 'string', default: '1/1' },
      hosts: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const backend = BACKENDS.find((name) => name === values.backend);
  if (backend === undefined) throw new Error(`--backend ${values.backend}: there are ${BACKENDS.join(', ')}`);
  const engine = ENGINES.find((name) => name === values.engine);
  if (engine === undefined) throw new Error(`--engine ${values.engine}: there are ${ENGINES.join(', ')}`);
  return {
    backend,
    engine,
    runs: whole('--runs', values.runs, 1, 10_000),
    seed: whole('--seed', values.seed, 0, 2 ** 31 - 1),
    shard: shardOf(values.shard),
    hosts: whole('--hosts', values.hosts, 1, 16),
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${option} ${text}: give a whole number from ${least} to ${most}`);
}

function shardOf(text: string): ExposureOptions['shard'] {
  const [part = 0, parts = 0, ...more] = text.split('/').map(Number);
  if (/^\d+\/\d+$/.test(text) && more.length === 0 && part >= 1 && part <= parts) return { part, parts };
  throw new Error(`--shard ${text}: give a part and the number of parts, such as 2/4`);
}

/** The slice `part` of `parts` equal ones of a list, in order; the last ones may be shorter. */
export function sliceOf<T>(list: readonly T[], part: number, parts: number): T[] {
  const size = Math.ceil(list.length / parts);
  return list.slice((part - 1) * size, part * size);
}
