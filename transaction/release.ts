import { changeKey, inTurn } from '../remote/turn.ts';
import { withVantage } from '../remote/vantage/choose.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import { Backup } from './backup.ts';
import { armUndo, comeIn, planOf } from './begin.ts';
import { Commit } from './commit.ts';
import { type Entry, enter, firstWay, provenApproaches } from './enter.ts';
import { inStep } from './error.ts';
import type { Facts } from './facts.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Job, Previous, Recordable, Report } from './job.ts';
import type { Plan } from './plan.ts';
import { type Armed, takeBack } from './take-back.ts';
import { stepPatience } from './time-limits.ts';

/**
 * Restores a host to what it was before its first change: its own sshd, its own firewall, no knocking. A change like any
 * other: the host stays sealed unless somebody came in by the first way again. Resolves when the host has committed that:
 * it then forgets Postern by itself, whatever the network does.
 *
 * @param recordable see `harden`.
 * @throws TransactionError as `harden` does.
 */
export async function release(
  job: Job,
  previous: Previous,
  report: Report,
  signal?: AbortSignal,
  recordable: Recordable = async () => {},
): Promise<void> {
  const sealed = { ...job, previous };
  await withVantage(job.first.jump, (vantage) =>
    inTurn(
      changeKey(job.first.address),
      () => releaseFrom(vantage, sealed, report, { signal, recordable }),
      'change',
    ),
  );
}

async function releaseFrom(
  vantage: Vantage,
  job: Job,
  report: Report,
  { signal, recordable }: { signal: AbortSignal | undefined; recordable: Recordable },
): Promise<void> {
  const entry = await comeIn(provenApproaches(job), vantage, report, signal);
  try {
    const facts = await inStep('look', () => readFacts(entry.session));
    if (await isRestored(entry, facts, report)) return;
    const plan: Plan = { ...planOf(job, facts, entry), operation: 'restore', frontPort: job.first.port };
    await recordable(plan.id);
    await armUndo(entry, plan, report);
    const backup = new Backup(job, plan, entry, vantage);
    const commit = new Commit();
    try {
      await withHeartbeat(
        () => backup.standing ?? (entry.session.alive ? entry.session : undefined),
        plan,
        () => restore({ job, plan, entry, backup, vantage, commit }, report, { signal, recordable }),
      );
    } catch (error) {
      const { error: failure, outcome } = await takeBack(
        error,
        { job, plan, entry, backup, vantage, commit },
        report,
      );
      if (outcome !== 'kept') throw failure;
      report('the host is restored; it forgets Postern by itself');
    } finally {
      await backup.close();
    }
  } finally {
    await entry.session.close();
  }
}

/**
 * The host was never sealed, or a run that could not say so has restored it already. The record tells of the last change
 * only, and that may have been rolled back: a session that came in by a knock knows better than any record.
 */
async function isRestored(
  { approach, session }: Entry,
  { raw, record }: Facts,
  report: Report,
): Promise<boolean> {
  if (record?.operation === 'restore' && record.phase === 'committed') {
    report('the host was restored by an earlier run, which ended too early; it forgets Postern now');
    await inStep('forget', () => step(session, 'forget', record.id));
    return true;
  }
  return approach.open === undefined && !raw.has('sealed') && record?.phase !== 'committed';
}

async function restore(
  { job, plan, backup, vantage, commit }: Armed,
  report: Report,
  { signal, recordable }: { signal: AbortSignal | undefined; recordable: Recordable },
): Promise<void> {
  await inStep('backup door', () => backup.open(report, signal));
  report('taking everything back to the snapshot from before the first change');
  await inStep('release', () =>
    step(backup.session, 'release', plan.id, { timeoutSeconds: stepPatience(job.posture), signal }),
  );
  report('coming in by the first way, without a knock');
  const { session } = await inStep('verify', () => enter([firstWay(job)], vantage, report, signal));
  try {
    await inStep('commit', () => recordable(plan.id));
    signal?.throwIfAborted();
    report('committing the restore');
    await inStep('commit', () => commit.send(session, plan.id));
    report('having the host forget Postern');
    await inStep('forget', () => step(session, 'forget', plan.id));
  } finally {
    await session.close();
  }
}
