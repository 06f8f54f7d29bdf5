import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { quoteWords } from './quote.ts';

const serve = readFileSync(new URL('./serve.sh', import.meta.url), 'utf8');
const exec = readFileSync(new URL('./exec.sh', import.meta.url), 'utf8');
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What to run on a host: either a command that is there, or a script that travels with the call. */
export interface Program {
  /** A command and its arguments; excludes `script`. */
  readonly argv?: readonly string[] | undefined;
  /** The text of a POSIX sh script. */
  readonly script?: string | undefined;
  /** The script's positional parameters. Like the script they never appear in a process list. */
  readonly args?: readonly string[] | undefined;
  /**
   * The program's standard input; nothing by default. A connection that breaks looks to the program like its end:
   * where half of it would do harm, let the program check (a length or a digest in `args`).
   */
  readonly stdin?: string | Uint8Array | undefined;
}

/** One program as `serve.sh` takes it. */
export interface Frame {
  /** Random word that frames the program's output; unknown to whatever else writes there. */
  readonly marker: string;
  readonly bytes: Buffer;
}

/**
 * The remote command that starts `serve.sh`, whose text is to be written to it first: {@link preamble}. It consists of
 * words every login shell (POSIX, csh, fish) reads alike.
 */
export function remoteCommand(sudo: boolean): string {
  const become = sudo ? 'sudo -n -- ' : '';
  const home = sudo ? 'HOME=/root' : 'HOME="$HOME"';
  const size = preamble.length;
  // The one thing of the session's environment that programs need: who is at the other end, and at which port here.
  const connection = 'SSH_CONNECTION="$SSH_CONNECTION"';
  return `exec ${become}/usr/bin/env -i PATH=${path} LC_ALL=C ${home} ${connection} /bin/sh -c 'eval "$(head -c ${size})"'`;
}

/** First bytes on the remote command's standard input. */
export const preamble: Buffer = Buffer.from(serve);

/**
 * @throws TypeError when the program has both or neither of `argv` and `script`, or a NUL character in its text.
 */
export function frame(program: Program): Frame {
  const { argv, script } = program;
  if ((argv === undefined) === (script === undefined) || argv?.length === 0)
    throw new TypeError('a program is either argv, with at least one word, or a script');
  if (script?.includes('\0')) throw new TypeError('a script cannot hold a NUL character');
  const marker = `postern-${randomBytes(16).toString('hex')}`;
  const words = argv ?? program.args ?? [];
  const text = Buffer.from(`set -- ${quoteWords(words)}\n${script ?? exec}\n#${marker}`);
  const input = Buffer.from(program.stdin ?? '');
  return {
    marker,
    bytes: Buffer.concat([Buffer.from(`${marker} ${text.length} ${input.length}\n`), text, input]),
  };
}
