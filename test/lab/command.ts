import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyOwner } from '../../lab/destroy.ts';
import { collectGarbage } from '../../lab/garbage.ts';
import { labSupport } from '../../lab/support.ts';

/** A key pair that lab hosts let in. */
export interface Key {
  /** Path of the private key. */
  readonly file: string;
  /** `ssh-ed25519 AAAA… NAME` */
  readonly publicKey: string;
}

/** What a command that boots lab hosts is told to do with them. */
export interface Place {
  readonly owner: string;
  readonly key: Key;
  /** Removes the hosts, unless they are kept, and the key; also while something still uses them. */
  readonly remove: () => Promise<void>;
}

/** Runs a command of the project's own that is told by its arguments: help, a run, or what is wrong with them. */
export async function runCommand<Options>(
  name: string,
  { parse, usage }: { parse: (argv: string[]) => Options | undefined; usage: string },
  run: (options: Options) => Promise<void>,
): Promise<void> {
  try {
    const options = parse(process.argv.slice(2));
    if (options === undefined) console.log(usage);
    else await run(options);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

/** Calls `stop` whenever somebody asks this process to end, which does not end it by itself any more. */
export function onStop(stop: () => void): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
}

/**
 * Makes a key for hosts of `owner`, and afterwards removes it and the hosts.
 *
 * @param keep hosts that are still there stay.
 */
export async function withPlace(
  name: string,
  owner: string,
  use: (place: Place) => Promise<void>,
  keep = false,
): Promise<void> {
  const support = labSupport();
  if (!support.ok) throw new Error(support.reason);
  const folder = mkdtempSync(join(tmpdir(), `postern-${name}-`));
  const remove = async () => {
    if (!keep) await destroyOwner(owner);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await collectGarbage();
    const file = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    await use({ owner, key: { file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() }, remove });
  } finally {
    await remove();
  }
}
