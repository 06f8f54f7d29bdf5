import { withVantage } from '../remote/vantage/choose.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import { Backup } from './backup.ts';
import { armUndo, comeIn, planOf } from './begin.ts';
import { enter, firstWay, frontDoor } from './enter.ts';
import { inStep } from './error.ts';
import type { Job, Previous, Report } from './job.ts';
import { takeBack } from './take-back.ts';

/**
 * Gives a host back as it was before its first change: its own sshd, its own firewall, no knocking. A change like any
 * other: the host stays sealed unless somebody came in by the first way again.
 *
 * @throws TransactionError as `harden` does.
 */
export async function release(
  job: Job,
  previous: Previous,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  await withVantage(job.first.jump, (vantage) => releaseFrom(vantage, job, previous, report, signal));
}

async function releaseFrom(
  vantage: Vantage,
  job: Job,
  previous: Previous,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const sealedJob = { ...job, previous };
  const entry = await comeIn(
    [frontDoor(job, previous, previous.hostKeys), firstWay(job)],
    vantage,
    report,
    signal,
  );
  try {
    const facts = await inStep('look', () => readFacts(entry.session));
    // Never sealed, or given back already by a run that could not say so. The record tells of the last change only, and
    // that may have been undone; who came in by a knock knows better than any record.
    const knocked = entry.approach.open !== undefined;
    if (!knocked && !facts.raw.has('sealed') && facts.record?.phase !== 'committed') return;
    const plan = { ...planOf(sealedJob, facts, entry), frontPort: job.first.port };
    await armUndo(entry, plan, report);
    const backup = new Backup(sealedJob, plan, entry, vantage);
    try {
      await inStep('backup door', () => backup.open(signal));
      report('taking everything back to the snapshot from before the first change');
      await inStep('release', () => step(backup.session, 'release', plan.id, { signal }));
      report('coming in by the first way, without a knock');
      const { session } = await inStep('verify', () => enter([firstWay(job)], vantage, report, signal));
      try {
        const nonce = await inStep('commit', () => step(session, 'nonce', plan.id));
        await inStep('commit', () => step(session, 'commit', plan.id, { stdin: `${nonce}\n` }));
        await inStep('forget', () => step(session, 'forget', plan.id));
      } finally {
        await session.close();
      }
    } catch (error) {
      throw (await takeBack(error, { job: sealedJob, plan, entry, backup, vantage }, report)).error;
    } finally {
      await backup.close();
    }
  } finally {
    await entry.session.close();
  }
}
