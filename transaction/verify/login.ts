import { RemoteError } from '../../remote/error.ts';
import { login } from '../../remote/ssh/login.ts';
import { expectSuccess, type RunResult } from '../../remote/ssh/result.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import type { Way } from '../../remote/ssh/way.ts';
import { SLOW_SECONDS } from '../time-limits.ts';
import type { Witness } from './evidence.ts';

const ID = { argv: ['id', '-u'], timeoutSeconds: SLOW_SECONDS };

/** Comes in through the front door over a fresh connection, becomes root, and stays: the session that commits. */
export async function expectSession(way: Way, witness: Witness): Promise<Session> {
  const session = await openSession(way, { timeoutSeconds: 20, slowSeconds: SLOW_SECONDS, fleeting: true });
  try {
    sawLogin(way, witness, await session.run(ID), session.offered);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Logs in through the front door over a fresh connection, becomes root and hangs up. */
export async function expectLogin(way: Way, witness: Witness): Promise<void> {
  const result = await login(way, ID);
  sawLogin(way, witness, result, result.offered);
}

function sawLogin(way: Way, witness: Witness, result: RunResult, offered: readonly string[]): void {
  const uid = expectSuccess(result, 'run a command after the login through the front door').trim();
  witness.saw(
    `ssh login as ${way.user} with a key${way.totp === undefined ? '' : ' and a code'}, host key pinned, then sudo`,
    'uid 0',
    `uid ${uid}`,
    uid === '0',
  );
  // Its answer to the same login, before a key was shown.
  witness.saw(
    'ssh login without a key',
    'only publickey is offered',
    offered.join(', '),
    offered.join() === 'publickey',
  );
}

/** Where a code is asked for, the key alone lets nobody in. */
export async function expectCodeNeeded(way: Way, witness: Witness): Promise<void> {
  if (way.totp === undefined) return;
  const refused = await login({ ...way, totp: undefined }, ID).then(
    () => false,
    (error: unknown) => {
      if (error instanceof RemoteError && error.kind === 'auth-refused') return true;
      throw error;
    },
  );
  witness.saw('ssh login with a key, but without a code', 'refused', refused ? 'refused' : 'let in', refused);
}
