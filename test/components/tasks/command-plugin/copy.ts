import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Connection, run } from './login.ts';

/** What of `command:remote:CopyToRemote` the tests need; the engine adds the hash of what is to be copied. */
export interface Copy {
  readonly connection: Connection;
  readonly source: { readonly path: string; readonly hash: string };
  readonly remotePath: string;
}

/** Copies as the real plugin does, as the user of the connection: folders on the way are made, whole folders go into theirs. */
export function copy({ connection, source: { path }, remotePath: to }: Copy): void {
  // ROOT is a folder that stands in for a host.
  const remotePath = `"\${ROOT-}"'${to}'`;
  if (!statSync(path).isDirectory()) {
    const target = `[ ! -d ${remotePath} ] || set -- ${remotePath}'/${basename(path)}'`;
    const script = `set -- ${remotePath}; ${target}; mkdir -p "$(dirname "$1")" && cat >"$1"`;
    run(connection, script, readFileSync(path));
    return;
  }
  const whole = path.endsWith('/') ? ['-C', path, '.'] : ['-C', dirname(path), basename(path)];
  const { stdout } = spawnSync('tar', ['-c', ...whole], { maxBuffer: 64 * 1024 * 1024 });
  run(connection, `mkdir -p ${remotePath} && tar -x --no-same-owner -C ${remotePath}`, stdout);
}
