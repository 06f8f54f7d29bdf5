import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError } from '../remote/error.ts';
import type { Session } from '../remote/ssh/session.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import type { Backup } from './backup.ts';
import type { Commit } from './commit.ts';
import { frontDoorRoute, initialAccessRoute, type Login, type LoginRoute, logIn } from './connect.ts';
import { StepError, TransactionError } from './error.ts';
import type { Job, Report } from './job.ts';
import { knownHostKeys } from './known-host-keys.ts';
import { hostNow, nextStep, type Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { ROLLBACK_SECONDS, SLOW_SECONDS, stepSeconds } from './time-limits.ts';

/** What is needed to take a change back. */
export interface Armed {
  readonly job: Job;
  readonly plan: Plan;
  readonly login: Login;
  readonly backup: Backup;
  readonly vantage: Vantage;
  /** How far its confirmation got. */
  readonly commit: Commit;
  /** The host keys that the change brings, once they are known. */
  readonly hostKeys?: readonly string[] | undefined;
}

/** How a change ended that failed here. */
export interface RolledBack {
  readonly error: TransactionError;
  readonly outcome: Outcome;
}

/** What a host says of a change that it has decided. */
export interface Decision {
  readonly kept: boolean;
  /** Names of the steps of a rollback that could not be done; empty when all could. */
  readonly errors: string;
  /** Why it rolled back, in its own words. */
  readonly reason: string;
  /** Folders that it can't write, so that its rollback is in force in memory only; empty when there are none. */
  readonly waitsFor: string;
}

const KEPT: Decision = { kept: true, errors: '', reason: '', waitsFor: '' };

/**
 * Has the host roll the change back over whichever door still answers, waits until it has, and makes the error that says
 * all that. If no door answers, the host rolls back by itself, and the error says when. What the host answered to the
 * commit is believed, whatever the network does afterwards.
 */
export async function rollBack(error: unknown, armed: Armed, report: Report): Promise<RolledBack> {
  const what = describe(error);
  const decision = await decisionOn(what, armed, report);
  const outcome = outcomeOf(decision, armed.commit);
  const unsettled = outcome !== 'rolled back' || decision?.errors !== '';
  const host = hostNow(outcome, decision, armed);
  return {
    error: new TransactionError(what, host, nextStep(outcome, decision, armed.plan), {
      cause: error,
      unsettled,
    }),
    outcome,
  };
}

async function decisionOn(what: string, armed: Armed, report: Report): Promise<Decision | undefined> {
  if (armed.commit.state === 'acknowledged') {
    report(`${what}; the host has committed the change and keeps it`);
    return KEPT;
  }
  report(`${what}; the host rolls the change back`);
  await askForRollback(armed);
  return awaitDecision(armed);
}

function outcomeOf(decision: Decision | undefined, commit: Commit): Outcome {
  if (decision !== undefined && decision.waitsFor !== '') return 'in memory';
  if (decision !== undefined) return decision.kept ? 'kept' : 'rolled back';
  return commit.state === 'unsent' ? 'unheard' : 'in doubt';
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

async function askForRollback({ plan, login, backup }: Armed): Promise<void> {
  for (const session of [backup.standing, login.session]) {
    if (session === undefined || !session.alive) continue;
    try {
      await step(session, 'rollback', plan.id, { timeoutSeconds: SLOW_SECONDS });
      return;
    } catch {
      // The other door, or else the host's own timer.
    }
  }
}

/** What the host decided; undefined when no door answered until its time was over. */
async function awaitDecision(armed: Armed): Promise<Decision | undefined> {
  const { posture } = armed.plan;
  const patience = (posture.verify.rollbackSeconds + 60) * 1000;
  const begin = performance.now();
  const last = begin + (stepSeconds(posture) + ROLLBACK_SECONDS) * 1000 + patience;
  // One that answers and has not decided is slow, not silent.
  let end = begin + patience;
  while (performance.now() < Math.min(end, last)) {
    const asked = await askAnyDoor(armed).catch(() => undefined);
    if (asked !== undefined && asked !== 'undecided') return asked;
    if (asked === 'undecided') end = performance.now() + patience;
    await sleep(300);
  }
  return undefined;
}

async function askAnyDoor(armed: Armed): Promise<Decision | 'undecided' | undefined> {
  if (armed.login.session.alive) return decisionBy(armed.login.session, armed.plan);
  const again = await logIn(routesAfter(armed), armed.vantage, () => {});
  try {
    return await decisionBy(again.session, armed.plan);
  } finally {
    await again.session.close();
  }
}

/** What held before the change holds again; what it was to become may hold if it was committed after all. */
function routesAfter({ job, plan, login: { route: before }, hostKeys }: Armed): LoginRoute[] {
  if (plan.operation === 'restore') return [before, initialAccessRoute(job)];
  return [before, frontDoorRoute(job, job, hostKeys ?? knownHostKeys(job))];
}

async function decisionBy(session: Session, plan: Plan): Promise<Decision | 'undecided' | undefined> {
  const { record } = await readFacts(session);
  if (record?.id === plan.id) {
    const { phase, errors, reason, waitsFor } = record;
    // A rollback whose disk is read-only goes no further until somebody sees to the disk.
    if (phase === 'undone' || waitsFor !== '') return { kept: false, errors, reason, waitsFor };
    return ['committed', 'sealed'].includes(phase) ? KEPT : 'undecided';
  }
  // A restored host forgets everything, the record at last.
  return plan.operation === 'restore' && record === undefined ? KEPT : undefined;
}
