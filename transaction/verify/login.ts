import { RemoteError } from '../../remote/error.ts';
import { logInOnce } from '../../remote/ssh/login.ts';
import { expectSuccess, type RunResult } from '../../remote/ssh/result.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import type { SshTarget } from '../../remote/ssh/target.ts';
import { SLOW_SECONDS } from '../time-limits.ts';
import type { EvidenceLog } from './evidence.ts';

const ID = { argv: ['id', '-u'], timeoutSeconds: SLOW_SECONDS };

/** Comes in through the front door over a fresh connection, becomes root, and stays: the session that commits. */
export async function expectSession(target: SshTarget, log: EvidenceLog): Promise<Session> {
  const session = await openSession(target, {
    timeoutSeconds: 20,
    slowSeconds: SLOW_SECONDS,
    shortLived: true,
  });
  try {
    sawLogin(target, log, await session.run(ID), session.offered);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Logs in through the front door over a fresh connection, becomes root and hangs up. */
export async function expectLogin(target: SshTarget, log: EvidenceLog): Promise<void> {
  const result = await logInOnce(target, ID);
  sawLogin(target, log, result, result.offered);
}

function sawLogin(target: SshTarget, log: EvidenceLog, result: RunResult, offered: readonly string[]): void {
  const uid = expectSuccess(result, 'run a command after the login through the front door').trim();
  log.record(
    `ssh login as ${target.user} with a key${target.totp === undefined ? '' : ' and a code'}, host key pinned, then sudo`,
    'uid 0',
    `uid ${uid}`,
    uid === '0',
  );
  // Its answer to the same login, before a key was shown.
  log.record(
    'ssh login without a key',
    'only publickey is offered',
    offered.join(', '),
    offered.join() === 'publickey',
  );
}

/** Where a code is asked for, the key alone lets nobody in. */
export async function expectCodeNeeded(target: SshTarget, log: EvidenceLog): Promise<void> {
  if (target.totp === undefined) return;
  const refused = await logInOnce({ ...target, totp: undefined }, ID).then(
    () => false,
    (error: unknown) => {
      if (error instanceof RemoteError && error.kind === 'auth-refused') return true;
      throw error;
    },
  );
  log.record('ssh login with a key, but without a code', 'refused', refused ? 'refused' : 'let in', refused);
}
