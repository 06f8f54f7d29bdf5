import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Capture } from './capture.ts';
import { type Frame, preamble } from './program.ts';

/** Most bytes that an account may print of its own before the program: 1 MiB. */
const maxNoiseBytes = 1024 * 1024;

/** How one program on a channel came to its end. */
export type Outcome =
  | { readonly end: 'finished'; readonly status: number; readonly stdout: string; readonly stderr: string }
  /** The channel closed first; `started` tells whether the program had begun. */
  | {
      readonly end: 'lost';
      readonly started: boolean;
      readonly noise: string;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {
      readonly end: 'timeout' | 'cancelled' | 'output-limit';
      readonly started: boolean;
      readonly stdout: string;
      readonly stderr: string;
    };

/** The bounds of one program's run. */
export interface Bounds {
  /** Seconds from the call to the end of the program. */
  readonly timeoutSeconds: number;
  /** Most bytes of standard output, and of standard error. */
  readonly maxOutputBytes: number;
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Current {
  readonly stdout: Capture;
  readonly stderr: Capture;
  readonly bounds: Bounds;
  readonly settle: (outcome: Outcome) => void;
}

/** An ssh process with `serve.sh` at its other end: runs one program at a time. */
export class Channel {
  /** Resolves when the ssh process has ended and its output was read. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  #current: Current | undefined;
  #dead = false;

  /** @param child an ssh process started with the remote command of `program.ts`. */
  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#take('stdout', chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#take('stderr', chunk));
    // A session that somebody forgot must not keep this process; one that is waited for has its timer.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
    // An early end shows as 'close'; what could not be written any more is of no interest.
    child.stdin.on('error', () => {});
    child.stdin.write(preamble);
    this.closed = new Promise((resolve) => {
      const close = () => {
        this.#dead = true;
        this.#lose();
        resolve();
      };
      child.once('error', close);
      child.once('close', close);
      // A process that ssh started (a proxy) can hold the pipes open a little longer than ssh itself.
      child.once('exit', () => setTimeout(() => this.#hangUp(), 200).unref());
    });
  }

  /** Whether a program can be run now. */
  get idle(): boolean {
    return !this.#dead && this.#current === undefined;
  }

  /** Whether the channel is of no more use. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Runs a program; the channel has to be idle. A program that is not waited for to its end takes the channel along. */
  async run(frame: Frame, bounds: Bounds): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    if (this.#dead) return { end: 'lost', started: false, noise: '', stdout: '', stderr: '' };
    const current: Current = {
      stdout: new Capture(frame.marker, bounds.onStdoutLine),
      stderr: new Capture(frame.marker),
      bounds,
      settle: resolve,
    };
    this.#current = current;
    const abort = () => this.#give('cancelled');
    const timer = setTimeout(() => this.#give('timeout'), bounds.timeoutSeconds * 1000);
    bounds.signal?.addEventListener('abort', abort);
    if (bounds.signal?.aborted === true) abort();
    else this.#child.stdin.write(frame.bytes);
    const outcome = await promise;
    clearTimeout(timer);
    bounds.signal?.removeEventListener('abort', abort);
    return outcome;
  }

  /** Ends the channel; a program that runs on the host loses its standard input and output. */
  kill(): void {
    this.#dead = true;
    this.#child.kill('SIGKILL');
    this.#hangUp();
  }

  #hangUp(): void {
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
  }

  #take(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    const current = this.#current;
    if (current === undefined) return;
    current[stream].feed(chunk);
    const { stdout, stderr } = current;
    const tooMuch = ({ size, noiseSize }: Capture) =>
      size > current.bounds.maxOutputBytes || noiseSize > maxNoiseBytes;
    if (tooMuch(stdout) || tooMuch(stderr)) this.#give('output-limit');
    else if (stdout.status !== undefined && stderr.status !== undefined)
      this.#settle({ end: 'finished', status: stdout.status, stdout: stdout.text(), stderr: stderr.text() });
  }

  #give(end: 'timeout' | 'cancelled' | 'output-limit'): void {
    const current = this.#current;
    if (current === undefined) return;
    this.kill();
    const { stdout, stderr } = current;
    const started = stdout.started || stderr.started;
    const { maxOutputBytes } = current.bounds;
    this.#settle({
      end,
      started,
      stdout: stdout.text().slice(0, maxOutputBytes),
      stderr: stderr.text().slice(0, maxOutputBytes),
    });
  }

  #lose(): void {
    const current = this.#current;
    if (current === undefined) return;
    const { stdout, stderr } = current;
    this.#settle({
      end: 'lost',
      started: stdout.started || stderr.started,
      noise: `${stderr.noise()}\n${stdout.noise()}`,
      stdout: stdout.text(),
      stderr: stderr.text(),
    });
  }

  #settle(outcome: Outcome): void {
    const current = this.#current;
    this.#current = undefined;
    current?.settle(outcome);
  }
}
