import type { Posture } from '../posture/schema/posture.ts';

/**
 * Who waits for how long during a change, in seconds. A host with a tenth of a processor takes ten times as long for
 * everything, and is not silent meanwhile: each side waits longer than the one it waits for.
 *
 * - the host, for a word from the deployer: `verify.rollbackSeconds`. Not counted while a step of the host is at work.
 * - the host, for a step of its own: {@link stepSeconds}.
 * - the deployer, for a step of the host: {@link stepTimeout}.
 * - the deployer, for a host that does not answer at all: {@link SILENT_SECONDS}; one that answered and is slow:
 *   {@link SLOW_SECONDS}.
 */

/** How long a connection that nothing has answered yet is waited for. */
export const SILENT_SECONDS = 15;

/** How long a firewall on the way may take to pass the backup port. */
export function reachSeconds({ backup }: Pick<Posture, 'backup'>): number {
  return backup.waitSeconds ?? 60;
}

/** How long a login, or a small program, of a host that has answered is waited for. */
export const SLOW_SECONDS = 90;

/** What a step of the host gets at least: the slowest seen, firewalld on a tenth of a processor, took 40 s. */
const LEAST_STEP = 300;

/** How long a rollback may take (ROLLBACK_SECONDS of server/step-lock.sh). */
export const ROLLBACK_SECONDS = 600;

/** How long the host lets a step of its own be at work before it rolls the change back. */
export function stepSeconds({ verify }: Pick<Posture, 'verify'>): number {
  return Math.max(LEAST_STEP, verify.rollbackSeconds);
}

/** How long the deployer waits for the answer to a step: the step may have to wait for one that is at work already. */
export function stepTimeout(posture: Pick<Posture, 'verify'>): number {
  return 2 * stepSeconds(posture) + 120;
}
