import { excerpt } from '../../remote/sanitise.ts';
import { TransactionError } from '../error.ts';
import type { Job, Previous } from '../job.ts';

/** The change that a host was last sealed with, as the host keeps it. */
export interface SealedBy {
  /** Its id; empty on hosts that keep none. */
  readonly id: string;
  /** Who made it, `user@machine`. */
  readonly holder: string;
  /** When it was sealed, by the host's clock (ISO 8601); empty: the host does not say. */
  readonly at: string;
  /** `at` is what its deployer was told, to the second. */
  readonly exact: boolean;
}

/**
 * Whether a host was sealed since by a change that the state does not know: of another deployer, or from before the state
 * was replaced by an older copy. A change of this machine's own whose state was not saved is none.
 */
export function isUnknownChange(
  found: SealedBy | undefined,
  { previous, unsaved }: Pick<Job, 'previous' | 'unsaved'>,
): found is SealedBy {
  // Taken over: there is no state that could be older.
  if (found === undefined || previous === undefined) return false;
  if (unsaved?.unknown === true || unsaved?.changes.includes(found.id) === true) return false;
  return isAnother(found, previous);
}

function isAnother({ id, at, exact }: SealedBy, { change, acknowledged, sealedAt }: Previous): boolean {
  if (id !== '' && acknowledged === id) return false;
  if (change !== undefined && id !== '') return change !== id;
  // A state from before it kept ids. A time with milliseconds is of the deployer's clock.
  return exact && sealedAt !== undefined && !sealedAt.includes('.') && sealedAt !== at;
}

/**
 * Keeps a change from putting an older posture over a newer one.
 *
 * @throws TransactionError that says who changed the host when, and how to go on all the same.
 */
export function refuseUnknownChange(found: SealedBy | undefined, job: Job): void {
  if (!isUnknownChange(found, job)) return;
  const sealedAt = job.previous?.sealedAt;
  const other = `${describeChange(found)} sealed it, and the last change that this state knows is`;
  const known = sealedAt === undefined ? '' : `, sealed ${sealedAt}`;
  const [what, next] =
    // With milliseconds it is a time of the deployer's clock.
    sealedAt !== undefined && !sealedAt.includes('.') && isBefore(found.at, sealedAt)
      ? [
          `The host is older than the state: ${other} a later one${known}. It may have been put back from a snapshot or a backup, with whatever it had then.`,
          'find out who put it back, and why.',
        ]
      : [
          `The state is older than the host: ${other} another one${known}. This configuration may be older than what the host has now.`,
          'if you have an older copy of the state, or of the configuration, get the newest.',
        ];
  throw new TransactionError(
    what,
    'was only looked at; nothing was written. It keeps what that change brought.',
    `${next} To put this configuration over the host all the same: \`pulumi refresh\`, which shows what differs, then \`pulumi up\`.`,
  );
}

/** Whether a time is before another, both ISO 8601; not where one is none. */
function isBefore(time: string, other: string): boolean {
  return Date.parse(time) < Date.parse(other);
}

/** A change that a host tells of, for a sentence. */
function describeChange({ id, holder, at }: SealedBy): string {
  const when = at === '' ? '' : ` at ${excerpt(at, 40)}`;
  const name = id === '' ? 'a change' : `the change ${id}`;
  return `${name}${holder === '' ? '' : ` of ${excerpt(holder, 100)}`}${when}`;
}
