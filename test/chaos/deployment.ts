import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';

/** What a deployer is to do: harden the host, or give it back. */
export interface Order {
  readonly job: Job;
  readonly giveBack: boolean;
}

/** How a deployer ended. */
export interface End {
  /** `sealed`, `given back`, or the text of its error; undefined: it was killed. */
  readonly message?: string;
  /** What the engine would write into its state, also of a change that failed after it was committed. */
  readonly sealed?: Sealed;
}

/** A line of a deployer's output. */
export type Line = { readonly report: string } | { readonly end: End };

const PROGRAM = join(import.meta.dirname, 'deployer.ts');

const atWork = new Set<Deployment>();

/** Kills every deployer that is at work. */
export function killDeployments(): void {
  for (const deployment of atWork) deployment.kill();
}

/** A deployer at work, in a process of its own. */
export class Deployment {
  /** What it reported, with the seconds since it started. */
  readonly reports: { readonly seconds: number; readonly text: string }[] = [];
  /** Resolves when its process is gone. */
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  #over = false;

  constructor(order: Order) {
    const begin = performance.now();
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    atWork.add(this);
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(order));
    let end: End = {};
    let stray = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stray += text;
    });
    createInterface(child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if ('end' in line) end = line.end;
      else this.reports.push({ seconds: (performance.now() - begin) / 1000, text: line.report });
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (_code, signal) => {
        this.#over = true;
        atWork.delete(this);
        // A deployer that died of a fault of its own says so.
        resolve(
          end.message === undefined && signal === null ? { message: `the deployer died: ${stray}` } : end,
        );
      });
    });
  }

  /** Whether its process is gone. */
  get over(): boolean {
    return this.#over;
  }

  /** How it ends; it is killed if that takes longer than so many seconds, and is said to have hung. */
  async endWithin(seconds: number): Promise<End> {
    let hung = false;
    const limit = setTimeout(() => {
      hung = true;
      this.kill();
    }, seconds * 1000);
    const end = await this.ended;
    clearTimeout(limit);
    return hung ? { message: `the deployer hung: it was at work for more than ${seconds} s` } : end;
  }

  /** Waits until it has said something that begins so, or is gone; resolves to whether it has. */
  async says(beginning: string): Promise<boolean> {
    for (;;) {
      if (this.reports.some(({ text }) => text.startsWith(beginning))) return true;
      if (this.#over) return false;
      await sleep(10);
    }
  }

  /** As Ctrl-C: it has the change rolled back. */
  cancel(): void {
    this.#child.kill('SIGTERM');
  }

  /** As a crash of its machine: it does nothing more. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
