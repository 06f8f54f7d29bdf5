import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../remote/error.ts';
import type { Session } from '../remote/ssh/session.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import type { Backup } from './backup.ts';
import { type Approach, type Entry, enter, firstWay, frontDoor } from './enter.ts';
import { StepError, TransactionError } from './error.ts';
import type { RecordFacts } from './facts.ts';
import type { Job, Report } from './job.ts';
import type { Plan } from './plan.ts';

/** What is needed to take a change back. */
export interface Armed {
  readonly job: Job;
  readonly plan: Plan;
  readonly entry: Entry;
  readonly backup: Backup;
  readonly vantage: Vantage;
  /** The host keys that the change brings, once they are known. */
  readonly hostKeys?: readonly string[] | undefined;
}

/** What became of a change that failed here. */
export interface TakenBack {
  readonly error: TransactionError;
  /** The host had committed it already and keeps it. */
  readonly kept: boolean;
}

/**
 * Has the host undo the change over whichever door still answers, waits until it has, and makes the error that says
 * all that. Where no door answers the host undoes by itself, and the error says when.
 */
export async function takeBack(error: unknown, armed: Armed, report: Report): Promise<TakenBack> {
  const what = describe(error);
  report(`${what}; the host undoes the change`);
  await askForUndo(armed);
  const record = await settled(armed);
  return {
    error: new TransactionError(what, hostNow(record, armed), nextStep(record), { cause: error }),
    kept: record?.phase === 'committed' || record?.phase === 'sealed',
  };
}

function describe(error: unknown): string {
  if (isCancelled(error)) return 'The change was cancelled';
  if (error instanceof StepError) return `The step "${error.step}" failed: ${error.message}`;
  return `The change failed: ${error instanceof Error ? error.message : String(error)}`;
}

function isCancelled(error: unknown): boolean {
  if (error instanceof StepError) return isCancelled(error.cause);
  if (error instanceof RemoteError) return error.kind === 'cancelled';
  return error instanceof Error && error.name === 'AbortError';
}

async function askForUndo({ plan, entry, backup }: Armed): Promise<void> {
  for (const session of [backup.standing, entry.session]) {
    if (session === undefined || !session.alive) continue;
    try {
      await step(session, 'undo', plan.id, { timeoutSeconds: 20 });
      return;
    } catch {
      // The other door, or else the host's own timer.
    }
  }
}

/** The record of the change once the host has decided it; undefined when no door answered until its time was over. */
async function settled(armed: Armed): Promise<RecordFacts | undefined> {
  const end = performance.now() + (armed.plan.posture.verify.rollbackSeconds + 60) * 1000;
  while (performance.now() < end) {
    const record = await recordBy(armed);
    if (record !== undefined && record.id === armed.plan.id && !['armed', 'undoing'].includes(record.phase))
      return record;
    await sleep(300);
  }
  return undefined;
}

async function recordBy({ job, entry, vantage, hostKeys }: Armed): Promise<RecordFacts | undefined> {
  try {
    if (entry.session.alive) return await recordOf(entry.session);
    // What held before the change holds again; what it was to become may hold if it was committed after all.
    const before: Approach =
      job.previous === undefined ? firstWay(job) : frontDoor(job, job.previous, job.previous.hostKeys);
    const after = frontDoor(job, job, hostKeys ?? job.previous?.hostKeys ?? job.first.hostKeys);
    const again = await enter([before, after], vantage, () => {});
    try {
      return await recordOf(again.session);
    } finally {
      await again.session.close();
    }
  } catch {
    return undefined;
  }
}

async function recordOf(session: Session): Promise<RecordFacts | undefined> {
  return (await readFacts(session)).record;
}

function hostNow(record: RecordFacts | undefined, { plan, job }: Armed): string {
  const door =
    job.previous === undefined
      ? `port ${job.first.port} answers as before`
      : 'the door opens for the sequence as before';
  switch (record?.phase) {
    case 'undone':
      return record.errors === ''
        ? `has undone the change and is as it was; ${door}.`
        : `has undone the change as far as it could; not everything is as it was (${record.errors}). Its journal says why: journalctl -u postern-undo.`;
    case 'committed':
    case 'sealed':
      return `had already committed the change and keeps it (${record.phase}).`;
    default:
      return `did not answer; it undoes the change by itself ${plan.posture.verify.rollbackSeconds} s after it last heard from here, and at any reboot.`;
  }
}

function nextStep(record: RecordFacts | undefined): string {
  switch (record?.phase) {
    case 'undone':
      return 'settle what was seen and run `pulumi up` again.';
    case 'committed':
    case 'sealed':
      return 'run `pulumi up` again; it goes in by the new door.';
    default:
      return `wait that long, then run \`pulumi up\` again.`;
  }
}
