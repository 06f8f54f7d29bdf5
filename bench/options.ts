import { parseArgs } from 'node:util';

/** What to measure. */
export interface BenchOptions {
  readonly rounds: number;
  /** Hosts side by side in the larger of the two sizes. */
  readonly many: number;
  /** Contenders to leave out, in lower case. */
  readonly without: readonly string[];
}

/** `npm run bench -- --help`. */
export const USAGE = `npm run bench -- [options]
Measures pulumi up against a shell script, pyinfra and Ansible on fresh lab VPSs. Needs Linux and root.

  --rounds N      how often everything is measured, at least 1 (default 3)
  --hosts N       hosts side by side in the larger of the two sizes, 2 to 24 (default 8)
  --without NAME  leave out pyinfra or ansible; may be repeated
  --help          this text`;

/**
 * Reads the command line; undefined when help was asked for.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      hosts: { type: 'string', default: '8' },
      without: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const without = values.without.map((name) => name.toLowerCase());
  const unknown = without.find((name) => name !== 'pyinfra' && name !== 'ansible');
  if (unknown !== undefined)
    throw new Error(`--without ${unknown}: it is pyinfra or ansible that can be left out`);
  return {
    rounds: whole('--rounds', values.rounds, 1, 100),
    many: whole('--hosts', values.hosts, 2, 24),
    without,
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} ${text}: give a whole number from ${least} to ${most}`);
}
