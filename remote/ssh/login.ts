import { spawn } from 'node:child_process';
import { RemoteError } from '../error.ts';
import { Channel } from './channel.ts';
import { prepare } from './connection.ts';
import { readLog } from './diagnose.ts';
import { classicalKex } from './options.ts';
import { frame, remoteCommand } from './program.ts';
import { type RunResult, resultOf } from './result.ts';
import { defaultOutputBytes, type RunOptions } from './run-options.ts';
import type { SshTarget } from './target.ts';
import { openWorkspace } from './workspace.ts';

/** A program's result with what was seen of the server that ran it. */
export interface LoginResult extends RunResult {
  /** `SHA256:…` fingerprint of the host key the server proved to hold; one of the pinned ones. */
  readonly hostKey: string;
  /** What the server offers to somebody who shows no key, such as `['publickey']`; `['none']` where it needs none. */
  readonly offered: readonly string[];
  /** The server's software, as its version line says: `OpenSSH_9.2p1 Debian-2`. */
  readonly server: string;
  /** Milliseconds from the start to the program's end. */
  readonly milliseconds: number;
}

/**
 * Logs in over a fresh connection that shares nothing with any session, runs one program and hangs up: the proof that
 * somebody can come in this way now.
 *
 * @throws TypeError for a way that is not usable; RemoteError when it leads nowhere or the program does not finish.
 */
export async function logInOnce(target: SshTarget, options: RunOptions): Promise<LoginResult> {
  const begin = performance.now();
  const remaining = () => options.timeoutSeconds - (performance.now() - begin) / 1000;
  const prepared = frame(options);
  const workspace = openWorkspace();
  try {
    const connection = await prepare(target, workspace, options.timeoutSeconds);
    const child = spawn(
      'ssh',
      ['-S', 'none', ...classicalKex, ...connection.arguments(), remoteCommand(target.sudo)],
      {
        stdio: 'pipe',
        detached: true,
        cwd: '/',
        env: connection.environment,
      },
    );
    workspace.track(child);
    const channel = new Channel(child);
    const outcome = await channel.run(prepared, {
      timeoutSeconds: remaining(),
      maxOutputBytes: options.maxOutputBytes ?? defaultOutputBytes,
      onStdoutLine: options.onStdoutLine,
      signal: options.signal,
    });
    const milliseconds = performance.now() - begin;
    if (child.pid === undefined)
      throw new RemoteError('no-client', 'ssh is missing on this machine. Install the OpenSSH client.');
    const log = readLog(connection.log());
    if (!log.authenticated && (outcome.end === 'lost' || outcome.end === 'timeout'))
      throw connection.failure(outcome.end === 'timeout');
    const result = resultOf(outcome, `${target.user}@${target.address}`);
    const { offered, hostKey = '', server = '' } = log;
    return { ...result, offered, hostKey, server, milliseconds };
  } finally {
    await workspace.close();
  }
}
