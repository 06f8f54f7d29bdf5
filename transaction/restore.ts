import { changeKey, withFileLock } from '../remote/file-lock.ts';
import { withVantage } from '../remote/vantage/choose.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import { armRollback, connect, planOf } from './arm-rollback.ts';
import { Backup } from './backup.ts';
import { Commit } from './commit.ts';
import { initialAccessRoute, type Login, logIn, provenRoutes } from './connect.ts';
import { inStep } from './error.ts';
import type { Facts } from './facts/facts.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Job, Previous, Recordable, Report } from './job.ts';
import type { Plan } from './plan.ts';
import { type Armed, rollBack } from './rollback.ts';
import { stepTimeout } from './time-limits.ts';

/**
 * Restores a host to what it was before its first change: its own sshd, its own firewall, no knocking. A change like any
 * other: the host stays sealed unless somebody came in by the first way again. Resolves when the host has committed that:
 * it then forgets Postern by itself, whatever the network does.
 *
 * @param recordable see `harden`.
 * @throws TransactionError as `harden` does.
 */
export async function restoreHost(
  job: Job,
  previous: Previous,
  report: Report,
  signal?: AbortSignal,
  recordable: Recordable = async () => {},
): Promise<void> {
  const sealed = { ...job, previous };
  await withVantage(job.initialAccess.jump, (vantage) =>
    withFileLock(
      changeKey(job.initialAccess.address),
      () => restoreFrom(vantage, sealed, report, { signal, recordable }),
      'change',
    ),
  );
}

async function restoreFrom(
  vantage: Vantage,
  job: Job,
  report: Report,
  { signal, recordable }: { signal: AbortSignal | undefined; recordable: Recordable },
): Promise<void> {
  const login = await connect(provenRoutes(job), vantage, report, signal);
  try {
    const facts = await inStep('look', () => readFacts(login.session));
    if (await isRestored(login, facts, report)) return;
    const plan: Plan = {
      ...planOf(job, facts, login),
      operation: 'restore',
      frontPort: job.initialAccess.port,
    };
    await recordable(plan.id);
    await armRollback(login, plan, report);
    const backup = new Backup(job, plan, login, vantage);
    const commit = new Commit();
    try {
      await withHeartbeat(
        () => backup.standing ?? (login.session.alive ? login.session : undefined),
        plan,
        () => restore({ job, plan, login, backup, vantage, commit }, report, { signal, recordable }),
      );
    } catch (error) {
      const { error: failure, outcome } = await rollBack(
        error,
        { job, plan, login, backup, vantage, commit },
        report,
      );
      if (outcome !== 'kept') throw failure;
      report('the host is restored; it removes Postern by itself');
    } finally {
      await backup.close();
    }
  } finally {
    await login.session.close();
  }
}

/**
 * The host was never sealed, or a run that could not say so has restored it already. The record tells of the last change
 * only, and that may have been rolled back: a session that came in by a knock knows better than any record.
 */
async function isRestored(
  { route, session }: Login,
  { raw, record }: Facts,
  report: Report,
): Promise<boolean> {
  if (record?.operation === 'restore' && record.phase === 'committed') {
    report('an earlier run restored the host and ended too early; the host removes Postern now');
    await inStep('forget', () => step(session, 'forget', record.id));
    return true;
  }
  return route.open === undefined && !raw.has('sealed') && record?.phase !== 'committed';
}

async function restore(
  { job, plan, backup, vantage, commit }: Armed,
  report: Report,
  { signal, recordable }: { signal: AbortSignal | undefined; recordable: Recordable },
): Promise<void> {
  await inStep('backup door', () => backup.open(report, signal));
  report('restoring the snapshot from before the first change');
  await inStep('restore', () =>
    step(backup.session, 'restore', plan.id, { timeoutSeconds: stepTimeout(job.posture), signal }),
  );
  report('logging in by the initial access, without a knock');
  const { session } = await inStep('verify', () => logIn([initialAccessRoute(job)], vantage, report, signal));
  try {
    await inStep('commit', () => recordable(plan.id));
    signal?.throwIfAborted();
    report('committing the restore');
    await inStep('commit', () => commit.send(session, plan.id));
    report('having the host remove Postern');
    await inStep('forget', () => step(session, 'forget', plan.id));
  } finally {
    await session.close();
  }
}
