import { parseArgs } from 'node:util';
import { RELEASES } from '../../lab/base.ts';
import { FWKNOP_RELEASES, type Kind } from './faults.ts';

const BACKENDS = ['ufw', 'firewalld', 'iptables', 'nftables'] as const;
const ENGINES = ['knockd', 'kernel', 'fwknop'] as const;

/** What the command tries. */
export interface LifetimeOptions {
  readonly kinds: readonly Kind[];
  /** Only faults whose name contains it; empty for all. */
  readonly fault: string;
}

/** `npm run lifetime -- --help`. */
export const USAGE = `npm run lifetime -- [options]
Seals a lab host of each kind and has happen to it what happens in the life of one: boots, units that are stopped, killed
and started anew, packages that are installed again, rules that are flushed. After each it knocks, and prints the seconds
until the door is open. Needs Linux and root; about 3 minutes for each kind.

  --release NAME  ${RELEASES.join(', ')} (default: all)
  --backend NAME  ${BACKENDS.join(', ')} (default: all)
  --engine NAME   ${ENGINES.join(', ')} (default: all; fwknop on ${FWKNOP_RELEASES.join(' and ')})
  --fault TEXT    only what has this in its name, such as "reboot" or "kill"
  --help          this text`;

/**
 * Reads the command line; undefined when help was asked for.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): LifetimeOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      release: { type: 'string' },
      backend: { type: 'string' },
      engine: { type: 'string' },
      fault: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const releases = picked('--release', RELEASES, values.release);
  const backends = picked('--backend', BACKENDS, values.backend);
  const engines = picked('--engine', ENGINES, values.engine);
  const kinds = releases.flatMap((release) =>
    backends.flatMap((backend) =>
      engines
        .filter((engine) => engine !== 'fwknop' || FWKNOP_RELEASES.includes(release))
        .map((engine) => ({ release, backend, engine })),
    ),
  );
  if (kinds.length === 0) throw new Error(`fwknop is only for ${FWKNOP_RELEASES.join(' and ')}`);
  return { kinds, fault: values.fault };
}

function picked<T extends string>(option: string, all: readonly T[], name: string | undefined): readonly T[] {
  if (name === undefined) return all;
  const found = all.filter((one) => one === name);
  if (found.length === 0) throw new Error(`${option} ${name}: there are ${all.join(', ')}`);
  return found;
}
