import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RemoteError } from '../error.ts';
import { Channel } from './channel.ts';
import { prepare } from './connection.ts';
import { readLog } from './diagnose.ts';
import { sshEnvironment } from './environment.ts';
import { classicalKex } from './options.ts';
import { Pool } from './pool.ts';
import { remoteCommand } from './program.ts';
import type { RunResult } from './result.ts';
import type { RunOptions } from './run-options.ts';
import type { ControlMaster, SshTarget } from './target.ts';
import { waitFor } from './wait-for.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** An open, multiplexed connection to a host. */
export interface Session extends ControlMaster {
  /** Whether the connection still stands, as far as this side knows. */
  readonly alive: boolean;
  /** What the server offers to somebody who shows no key, such as `['publickey']`; `['none']` where it needs none. */
  readonly offered: readonly string[];
  /**
   * Runs a program, in parallel with others. Any exit status is a result; see `expectSuccess`. The environment is
   * clean (PATH, HOME, LC_ALL=C and SSH_CONNECTION), the working directory the account's home. A process left behind
   * in the background has to have its output redirected.
   *
   * @throws RemoteError `timeout`, `cancelled`, `output-limit`, `closed`, `no-shell`, `sudo-refused`.
   */
  run(options: RunOptions): Promise<RunResult>;
  /** Ends the connection and everything that was started for it. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** How long to wait for a connection. */
export interface OpenOptions {
  /** Seconds until the session has to be up. */
  readonly timeoutSeconds: number;
  /** The same for a host that has answered by then: a slow one is not a silent one. The same, by default. */
  readonly slowSeconds?: number;
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
  /** Nothing goes over it that has to stay secret for years: the cheap key exchange. */
  readonly shortLived?: boolean;
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RemoteError('cancelled', 'the connection was no longer wanted');
}

/**
 * Opens a session: connects, checks the host's key against the pinned ones and logs in.
 *
 * @throws TypeError for a way that is not usable; RemoteError for one that leads nowhere.
 */
export async function openSession(target: SshTarget, options: OpenOptions): Promise<Session> {
  const workspace = openWorkspace();
  try {
    return await connect(target, options, workspace);
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

async function connect(
  target: SshTarget,
  { timeoutSeconds, slowSeconds = timeoutSeconds, signal, shortLived = false }: OpenOptions,
  workspace: Workspace,
): Promise<Session> {
  const begin = performance.now();
  const connection = await prepare(target, workspace, slowSeconds);
  refuseCancelled(signal);
  const controlPath = join(workspace.directory, 'control');
  const exchange = shortLived ? classicalKex : [];
  const master = spawn('ssh', ['-M', '-N', '-S', controlPath, ...exchange, ...connection.arguments()], {
    stdio: 'ignore',
    detached: true,
    cwd: '/',
    env: connection.environment,
  });
  master.unref();
  workspace.track(master);
  const over = new AbortController();
  master.once('error', () => over.abort());
  master.once('exit', () => over.abort());
  const wake = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const settled = () => existsSync(controlPath) || wake.aborted;
  const within = (seconds: number) =>
    waitFor(workspace.directory, settled, begin + seconds * 1000 - performance.now(), wake);
  const answered = () => [readLog(connection.log())].some(({ connected, greeted }) => connected || greeted);
  const inTime = (await within(timeoutSeconds)) || (answered() && (await within(slowSeconds)));
  refuseCancelled(signal);
  if (master.pid === undefined)
    throw new RemoteError('no-client', 'ssh is missing on this machine. Install the OpenSSH client.');
  if (over.signal.aborted || !inTime) throw connection.failure(!inTime);

  const pool = new Pool(
    () => openChannel(controlPath, target.sudo, workspace),
    `${target.user}@${target.address}`,
    over.signal,
  );
  return {
    controlPath,
    sudo: target.sudo,
    offered: readLog(connection.log()).offered,
    get alive() {
      return !over.signal.aborted;
    },
    run: (run) => pool.run(run),
    async close() {
      over.abort();
      pool.close();
      await workspace.close();
    },
  };
}

function openChannel(controlPath: string, sudo: boolean, workspace: Workspace): Channel {
  // ProxyCommand=false: without its master this must fail, not connect by itself.
  const options = ['-F', 'none', '-T', '-e', 'none', '-o', 'LogLevel=ERROR', '-o', 'ProxyCommand=false'];
  const child = spawn('ssh', ['-S', controlPath, ...options, '--', 'postern', remoteCommand(sudo)], {
    stdio: 'pipe',
    detached: true,
    cwd: '/',
    env: sshEnvironment(),
  });
  workspace.track(child);
  return new Channel(child);
}
