import type { Job } from './job.ts';
import type { Plan } from './plan.ts';

/**
 * What became of a change that failed here. `rolled back`: the host said so. `kept`: it said that it keeps the change.
 * `in memory`: it rolled back what it can while it cannot write its disk. `in doubt`: it was asked to commit, and nothing
 * was heard since. `unheard`: it was not, so it rolls back by itself.
 */
export type Outcome = 'rolled back' | 'in memory' | 'kept' | 'in doubt' | 'unheard';

/** The change that the sentences are about. */
interface Change {
  readonly job: Job;
  readonly plan: Plan;
}

/** What the host said of its rollback. */
interface Rollback {
  /** Names of its steps that could not be done; empty when all could. */
  readonly errors: string;
  /** Why it rolled back. */
  readonly reason: string;
  /** Folders that it can't write; empty when there are none. */
  readonly waitsFor: string;
}

/** What the host is doing now, for the error of a change that failed here. */
export function hostNow(outcome: Outcome, rollback: Rollback | undefined, change: Change): string {
  const { plan } = change;
  const { errors, reason, waitsFor } = rollback ?? { errors: '', reason: '', waitsFor: '' };
  const seconds = plan.posture.verify.rollbackSeconds;
  switch (outcome) {
    case 'rolled back':
      return errors === ''
        ? `rolled the change back and is as it was; ${doorBefore(change)}.${ranOut(reason) ? ` It rolled back by itself: ${reason}.` : ''}`
        : `rolled the change back as far as it could; not everything is as it was (${errors}). Its journal says why: journalctl -u postern-undo.`;
    case 'in memory':
      return `cannot write its disk (${waitsFor.split(' ').join(', ')}: read-only). Its rollback has put the firewall's rules and sshd back in memory${errors === '' ? '' : `, and these steps failed: ${errors}`}; ${doorBefore(change)}. It completes the rollback when the disk can be written again, or at its next boot. Its journal says more: journalctl -u postern-undo.`;
    case 'kept':
      return `had already committed the change and keeps it; ${doorAfter(change)}. If the backup door is still open, the host closes it by itself, ${seconds} s after it last heard from here.`;
    case 'in doubt':
      return `was asked to commit the change, and its answer did not arrive. Either it keeps the change, and ${doorAfter(change)}; or it rolls back by itself ${seconds} s after it last heard from here, and ${doorBefore(change)}.`;
    case 'unheard':
      return `did not answer; it rolls the change back by itself ${seconds} s after it last heard from here, and at any reboot.`;
  }
}

/** What to do next, for the same error. */
export function nextStep(
  outcome: Outcome,
  rollback: Rollback | undefined,
  { operation, posture }: Plan,
): string {
  const again = runAgain(operation);
  switch (outcome) {
    case 'rolled back':
      if (ranOut(rollback?.reason ?? ''))
        return `raise verify.rollbackSeconds (now ${posture.verify.rollbackSeconds}) if the host or the line to it is slow, then ${again}.`;
      return `settle what was seen and ${again}.`;
    case 'in memory':
      return `look for what made the disk read-only (dmesg) and check it; run \`mount -o remount,rw\` on the host or reboot it; then ${again}.`;
    case 'kept':
      return `${again}; it logs in through the new door.`;
    case 'in doubt':
      return `wait that long, then ${again}, with this configuration; it tries both logins.`;
    case 'unheard':
      return `wait that long, then ${again}.`;
  }
}

/** Whether one of the host's clocks ran out (why_now in server/agent.sh), and nobody asked it to roll back. */
function ranOut(reason: string): boolean {
  return /\(verify\.rollbackSeconds\)$|was still at work after/.test(reason);
}

function doorBefore({ job }: Change): string {
  return job.previous === undefined
    ? `port ${job.initialAccess.port} answers as before`
    : 'the door opens for the sequence as before';
}

function doorAfter({ job, plan }: Change): string {
  return plan.operation === 'restore'
    ? `port ${job.initialAccess.port} answers as before the first change`
    : 'its door opens for the new sequence';
}

/** What to run again after an operation that failed. */
export function runAgain(operation: Plan['operation']): string {
  return operation === 'restore'
    ? 'run `pulumi destroy` again, or `pulumi up` to keep the host'
    : 'run `pulumi up` again';
}
