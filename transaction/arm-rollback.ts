import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { sshdSettings } from '../posture/sshd/settings.ts';
import type { Vantage } from '../remote/vantage.ts';
import { arm, BusyError } from './agent.ts';
import { type Login, type LoginRoute, logIn } from './connect.ts';
import { messageOf, TransactionError } from './error.ts';
import type { Facts } from './facts/facts.ts';
import type { Job, Report } from './job.ts';
import { runAgain } from './outcome.ts';
import { type Plan, planBundle } from './plan.ts';

/**
 * Comes in by the first way that works.
 *
 * @throws TransactionError when none does; the host was not touched.
 */
export async function connect(
  ways: readonly LoginRoute[],
  vantage: Vantage,
  report: Report,
  signal?: AbortSignal,
): Promise<Login> {
  try {
    return await logIn(ways, vantage, report, signal);
  } catch (error) {
    throw new TransactionError(
      `Could not log in: ${messageOf(error)}`,
      'was not touched.',
      'check address, host keys and identity of this host; `postern status` shows what answers from here.',
      { cause: error },
    );
  }
}

/**
 * What the change is about to do.
 *
 * @param exemptAddresses addresses that fail2ban has to overlook; none by default.
 */
export function planOf(
  job: Job,
  facts: Facts,
  { route }: Login,
  exemptAddresses: readonly string[] = [],
): Plan {
  const generation = job.previous?.posture.ssh.hostKeyGeneration ?? 0;
  const renewed = job.posture.ssh.hostKeyGeneration > generation;
  // What the host would make for itself nobody else knew, if this run were cut off.
  if (renewed && job.newHostKeys === undefined)
    throw new Error('new host keys are asked for and none are given');
  return {
    id: randomUUID(),
    holder: `${userInfo().username}@${hostname()}`.replaceAll(/[^A-Za-z0-9@._-]/g, '_'),
    operation: 'harden',
    posture: job.posture,
    sequences: job.sequences,
    totp: job.totp,
    settings: sshdSettings(job.posture, facts.known),
    facts,
    deployer: route.target.user,
    deployerAddresses: [facts.deployerAddress].filter((address) => address !== ''),
    banExempt: exemptAddresses,
    frontPort: job.posture.ssh.port,
    newHostKeys: renewed ? job.newHostKeys : undefined,
  };
}

/**
 * Arms the rollback on the host: from here on it goes back by itself.
 *
 * @throws TransactionError when it could not be armed; the host is unchanged then.
 */
export async function armRollback({ session }: Login, plan: Plan, report: Report): Promise<void> {
  report(
    `arming the rollback: the host rolls back by itself if it hears nothing for ${plan.posture.verify.rollbackSeconds} s`,
  );
  try {
    await arm(session, planBundle(plan));
  } catch (error) {
    const busy = error instanceof BusyError;
    throw new TransactionError(
      busy ? messageOf(error) : `The rollback could not be armed: ${messageOf(error)}`,
      busy
        ? 'goes on with that change, or rolls it back when its time is over.'
        : 'is unchanged: nothing is touched before the rollback is armed.',
      `${busy ? 'wait for it, then' : 'settle what was seen and'} ${runAgain(plan.operation)}.`,
      { cause: error },
    );
  }
}
