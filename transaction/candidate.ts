import { overriddenSettings } from '../posture/sshd/effective.ts';
import { asksForCode } from '../posture/sshd/second-factor.ts';
import { RemoteError } from '../remote/error.ts';
import { logInOnce } from '../remote/ssh/login.ts';
import { expectSuccess } from '../remote/ssh/result.ts';
import { step } from './agent.ts';
import type { Backup } from './backup.ts';
import type { Job } from './job.ts';
import { unknownHostKeys } from './known-host-keys.ts';
import type { Plan } from './plan.ts';
import { SLOW_SECONDS, stepTimeout } from './time-limits.ts';

/**
 * Proves the new sshd configuration, host keys and administrator by a real login, on a port of their own inside the
 * host, before the front door changes: `sshd -t` passes much that nobody can log in to.
 *
 * @returns the public host keys that will be in force.
 */
export async function proveCandidate(
  job: Job,
  plan: Plan,
  backup: Backup,
  signal?: AbortSignal,
): Promise<string[]> {
  const answer = await step(backup.session, 'candidate', plan.id, {
    timeoutSeconds: stepTimeout(job.posture),
    signal,
  });
  const { port, hostKeys, effective } = parseCandidate(answer);
  const unknown = unknownHostKeys(job, hostKeys);
  if (unknown !== undefined) throw new Error(unknown);
  const overridden = overriddenSettings(plan.settings, effective);
  if (overridden.length > 0) {
    const lines = overridden.map(
      ({ directive, wanted, effective: found }) => `${directive} is ${found || 'unset'} instead of ${wanted}`,
    );
    throw new Error(
      `another file on the host overrides the sshd settings: ${lines.join('; ')}. Remove it from /etc/ssh/sshd_config or /etc/ssh/sshd_config.d`,
    );
  }
  const target = {
    address: '127.0.0.1',
    port,
    user: job.posture.admin.user,
    hostKeys,
    identity: job.identity,
    knownKeys: job.posture.admin.authorizedKeys,
    totp: asksForCode(job.posture) ? job.totp : undefined,
    sudo: true,
    via: { session: backup.session },
  };
  const result = await logInOnce(target, {
    argv: ['id', '-u'],
    timeoutSeconds: SLOW_SECONDS,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (target.totp === undefined || !(error instanceof RemoteError) || error.kind !== 'auth-refused')
      throw error;
    throw new Error(
      `key and code were not taken (${error.message}). Codes hold for four minutes, so the clocks of host and deployer must agree; the host's journal (journalctl -u postern-candidate) says what its module saw`,
      { cause: error },
    );
  });
  const uid = expectSuccess(result, `become root as ${job.posture.admin.user}`).trim();
  if (uid !== '0') throw new Error(`${job.posture.admin.user} did not become root by sudo: uid ${uid}`);
  return hostKeys;
}

/** Host keys that an sshd shows at most: one of each type. */
const HOST_KEYS = 8;

/** The answer of the step: `port N`, the host keys, `effective`, and the output of `sshd -T`. */
export function parseCandidate(answer: string): { port: number; hostKeys: string[]; effective: string } {
  const [head = '', effective = ''] = answer.split('\neffective\n');
  const [first = '', ...hostKeys] = head.split('\n');
  const port = Number(/^port (\d+)$/.exec(first)?.[1]);
  // They are pinned and remembered.
  const usable =
    hostKeys.length <= HOST_KEYS && hostKeys.every((key) => /^[\w@.-]{1,60} [\w+/=]{1,4000}$/.test(key));
  if (!Number.isInteger(port) || hostKeys.length === 0 || !usable || effective === '')
    throw new Error('the candidate sshd gave no complete answer');
  return { port, hostKeys, effective };
}
