import type { Posture } from '../../posture/schema/posture.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Facts } from '../facts/facts.ts';
import type { Job } from '../job.ts';
import { program } from '../programs.ts';
import { SLOW_SECONDS } from '../time-limits.ts';

/**
 * That an account of the administrator's name is on the host and is no administrator: with the change, whoever has its
 * password, its cron jobs and its running programs would become root without a word. One sentence, or nothing.
 */
export async function foreignAccount(
  session: Session,
  facts: Facts,
  job: Pick<Job, 'posture' | 'previous' | 'initialAccess'>,
): Promise<string[]> {
  const { user, takeOver } = job.posture.admin;
  const home = facts.home(user);
  // The account by which the deployer became root, or that an earlier change made an administrator, is one.
  const known = [job.previous?.posture.admin.user, job.initialAccess.user].includes(user);
  if (home === undefined || takeOver === true || known) return [];
  const { code, stdout } = await session.run({
    argv: ['sudo', '-n', '-l', '-U', user],
    timeoutSeconds: SLOW_SECONDS,
  });
  if (code === 0 && mayBecomeRoot(stdout)) return [];
  // A host that was given back keeps the account that a change made, locked and without keys: nobody would gain anything.
  const use = await session.run({
    script: program('account-in-use.sh'),
    args: [user, home],
    timeoutSeconds: SLOW_SECONDS,
  });
  return use.code === 0 && use.stdout === '' ? [] : [unprivileged(job.posture, home)];
}

function unprivileged({ admin: { user } }: Posture, home: string): string {
  return `there is an account ${user} (home ${home}) that may not become root, and admin.user ${user} would make it root without a password, with all that runs under it and whoever knows its password; take another admin.user, give it sudo there yourself, or set admin.takeOver: true`;
}

/** Whether what `sudo -l -U USER` prints has a rule for every command as root, with a password or without. */
export function mayBecomeRoot(listed: string): boolean {
  return listed
    .split('\n')
    .some((line) => /^\s*\((?:ALL|root)\b[^)]*\)\s*(?:[A-Z_]+:\s*)*ALL\s*$/.test(line));
}
