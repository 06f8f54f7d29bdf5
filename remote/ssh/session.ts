import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../error.ts';
import { Channel, type Outcome } from './channel.ts';
import { prepare } from './connection.ts';
import { sshEnvironment } from './environment.ts';
import { type Frame, frame, type Program, remoteCommand } from './program.ts';
import { type RunResult, resultOf } from './result.ts';
import { Slots } from './slots.ts';
import { until } from './until.ts';
import type { Way } from './way.ts';
import { openWorkspace } from './workspace.ts';

/** How a program is run. */
export interface RunOptions extends Program {
  /** Seconds the caller waits for the program's end. */
  readonly timeoutSeconds: number;
  /** Most bytes of standard output and of standard error; default 4 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Called with each line of standard output as it comes. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  /** Stops the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** An open, multiplexed connection to a host. */
export interface Session {
  /** Path of the ControlMaster socket. */
  readonly controlPath: string;
  /** Whether programs run under sudo. */
  readonly sudo: boolean;
  /** Whether the connection still stands, as far as this side knows. */
  readonly alive: boolean;
  /**
   * Runs a program, in parallel with others. Any exit status is a result; see `expectSuccess`. The environment is
   * clean (PATH, HOME, LC_ALL=C), the working directory the account's home. A process left behind in the background
   * has to have its output redirected.
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
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
}

/** Default for the most bytes a program may write: 4 MiB. */
export const defaultOutputBytes: number = 4 * 1024 * 1024;

// A hardened sshd may allow as few as 2 (MaxSessions); what it refuses is retried on the channels there are.
const channelLimit = 4;
const refusal = /Session open refused by peer/;

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RemoteError('cancelled', 'the connection was no longer wanted');
}

/**
 * Opens a session: connects, checks the host's key against the pinned ones and logs in.
 *
 * @throws TypeError for a way that is not usable; RemoteError for one that leads nowhere.
 */
export async function openSession(way: Way, { timeoutSeconds, signal }: OpenOptions): Promise<Session> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  const workspace = openWorkspace();
  try {
    const connection = await prepare(way, workspace, timeoutSeconds);
    refuseCancelled(signal);
    const controlPath = join(workspace.directory, 'control');
    const master = spawn('ssh', ['-M', '-N', '-S', controlPath, ...connection.arguments()], {
      stdio: 'ignore',
      detached: true,
      cwd: '/',
      env: sshEnvironment(),
    });
    master.unref();
    workspace.track(master);
    const ended = new AbortController();
    master.once('error', () => ended.abort());
    master.once('exit', () => ended.abort());
    const wake = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    const settled = () => existsSync(controlPath) || wake.aborted;
    const inTime = await until(workspace.directory, settled, deadline - performance.now(), wake);
    refuseCancelled(signal);
    if (master.pid === undefined)
      throw new RemoteError('no-client', 'ssh is missing on this machine. Install the OpenSSH client.');
    if (ended.signal.aborted || !inTime) throw connection.failure(!inTime);
    return new Multiplexed(way, controlPath, ended.signal, workspace);
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

class Multiplexed implements Session {
  readonly controlPath: string;
  readonly sudo: boolean;
  readonly #where: string;
  readonly #ended: AbortSignal;
  readonly #workspace: ReturnType<typeof openWorkspace>;
  readonly #channels = new Set<Channel>();
  readonly #slots = new Slots(channelLimit);
  #closed = false;

  constructor(
    way: Way,
    controlPath: string,
    ended: AbortSignal,
    workspace: ReturnType<typeof openWorkspace>,
  ) {
    this.controlPath = controlPath;
    this.sudo = way.sudo;
    this.#where = `${way.user}@${way.address}`;
    this.#ended = ended;
    this.#workspace = workspace;
  }

  get alive(): boolean {
    return !this.#closed && !this.#ended.aborted;
  }

  async run(options: RunOptions): Promise<RunResult> {
    const deadline = performance.now() + options.timeoutSeconds * 1000;
    const prepared = frame(options);
    for (;;) {
      await this.#slots.acquire();
      let retire = false;
      try {
        if (!this.alive) throw new RemoteError('closed', `the connection to ${this.#where} is closed.`);
        const outcome = await this.#attempt(prepared, options, (deadline - performance.now()) / 1000);
        // Nothing of the program has run, and others hold the channels that the server allows: wait for one of them.
        retire =
          outcome.end === 'lost' && !outcome.started && refusal.test(outcome.noise) && this.#slots.taken > 1;
        if (!retire) return await this.#result(outcome);
      } finally {
        if (retire) this.#slots.retire();
        else this.#slots.release();
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const channel of this.#channels) channel.kill();
    await this.#workspace.close();
  }

  async #result(outcome: Outcome): Promise<RunResult> {
    // A channel that ends with its connection can be noticed first.
    if (outcome.end === 'lost' && this.alive) await Promise.race([once(this.#ended, 'abort'), sleep(100)]);
    if (outcome.end === 'lost' && !this.alive)
      throw new RemoteError('closed', `the connection to ${this.#where} ended before the program did.`);
    return resultOf(outcome, this.#where);
  }

  async #attempt(prepared: Frame, options: RunOptions, timeoutSeconds: number): Promise<Outcome> {
    const idle = [...this.#channels].find((channel) => channel.idle);
    const channel = idle ?? this.#open();
    return channel.run(prepared, {
      timeoutSeconds,
      maxOutputBytes: options.maxOutputBytes ?? defaultOutputBytes,
      onStdoutLine: options.onStdoutLine,
      signal: options.signal,
    });
  }

  #open(): Channel {
    // ProxyCommand=false: without its master this must fail, not connect by itself.
    const options = ['-F', 'none', '-T', '-e', 'none', '-o', 'LogLevel=ERROR', '-o', 'ProxyCommand=false'];
    const child = spawn(
      'ssh',
      ['-S', this.controlPath, ...options, '--', 'postern', remoteCommand(this.sudo)],
      {
        stdio: 'pipe',
        detached: true,
        cwd: '/',
        env: sshEnvironment(),
      },
    );
    this.#workspace.track(child);
    const channel = new Channel(child);
    this.#channels.add(channel);
    channel.closed.then(() => this.#channels.delete(channel));
    return channel;
  }
}
