import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostFolder } from '../../lab/home.ts';
import { programPath } from '../../lab/program.ts';
import type { LabVps } from '../../lab/vps.ts';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';
import type { Sealed } from '../../transaction/sealed.ts';
import { inside } from './fixture.ts';

/** Moments of a change, by what is reported as each begins. */
export const MOMENTS = {
  armed: /^installing packages/,
  'the candidate is proven': /^switching/,
  switched: /^verifying/,
  proven: /^committing/,
  committed: /^sealing/,
} as const;

/** A moment of a change. */
export type Moment = keyof typeof MOMENTS;

/** How an interrupted change ended. */
export interface Ending {
  readonly error?: Error;
  readonly sealed?: Sealed;
}

/** Hardens and does something at a moment; the change goes on only when `act` has returned. */
export async function interrupted(
  job: Job,
  moment: Moment,
  act: () => unknown,
  signal?: AbortSignal,
): Promise<Ending> {
  let late: unknown;
  const report = (text: string) => {
    if (MOMENTS[moment].test(text)) late = act();
  };
  try {
    return { sealed: await harden(job, report, signal) };
  } catch (error) {
    return { error: error as Error };
  } finally {
    await late;
  }
}

/** Pulls the plug before anything else of this process goes on; returns when the host boots again. */
export function cutPowerNow(vps: LabVps): void {
  const { status, stderr } = spawnSync('sh', [programPath('host/cut.sh'), hostFolder(vps)]);
  if (status !== 0) throw new Error(`power cut: ${stderr}`);
}

/** Runs a shell command inside a host before anything else of this process goes on. */
export function insideNow(vps: LabVps, command: string): void {
  const argv = [programPath('host/exec.sh'), hostFolder(vps), 'sh', '-c', command];
  const { status, stderr } = spawnSync('sh', argv);
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** With the packages there, whatever a change leaves behind shows. */
export async function installPackages(vps: LabVps): Promise<void> {
  await inside(vps, 'apt-get -q update && apt-get -q -y --no-install-recommends install ufw knockd');
}

/** Waits until the host's record says that its change is in a phase; throws when it does not within `seconds`. */
export async function reaches(vps: LabVps, phase: string, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let seen = '';
  while (performance.now() < end) {
    seen = await recorded(vps, 'phase').catch(() => '');
    if (seen === phase) return;
    await sleep(300);
  }
  throw new Error(`the change is still ${seen} after ${seconds} s, not ${phase}`);
}

/** A field of the host's own record of its last change. */
export async function recorded(vps: LabVps, key: string): Promise<string> {
  const text = await inside(vps, 'cat /var/lib/postern/record');
  return new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
}
