import { RemoteError } from '../../remote/error.ts';
import { authMethods } from '../../remote/ssh/auth-methods.ts';
import { login } from '../../remote/ssh/login.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import { openSession, type Session } from '../../remote/ssh/session.ts';
import type { Way } from '../../remote/ssh/way.ts';
import type { Witness } from './evidence.ts';

const ID = { argv: ['id', '-u'], timeoutSeconds: 20 };

/** Comes in through the front door over a fresh connection, becomes root, and stays: the session that commits. */
export async function expectSession(way: Way, witness: Witness): Promise<Session> {
  const session = await openSession(way, { timeoutSeconds: 20, fleeting: true });
  sawLogin(
    way,
    witness,
    expectSuccess(await session.run(ID), 'run a command after the login through the front door'),
  );
  return session;
}

/** Logs in through the front door over a fresh connection, becomes root and hangs up. */
export async function expectLogin(way: Way, witness: Witness): Promise<void> {
  sawLogin(
    way,
    witness,
    expectSuccess(await login(way, ID), 'run a command after the login through the front door'),
  );
}

function sawLogin(way: Way, witness: Witness, answer: string): void {
  const uid = answer.trim();
  witness.saw(
    `ssh login as ${way.user} with a key${way.totp === undefined ? '' : ' and a code'}, host key pinned, then sudo`,
    'uid 0',
    `uid ${uid}`,
    uid === '0',
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

/** The front door offers nothing but public keys. */
export async function expectKeysOnly(way: Way, witness: Witness): Promise<void> {
  const methods = await authMethods(way, { timeoutSeconds: 20 });
  witness.saw(
    'ssh login without a key',
    'only publickey is offered',
    methods.join(', '),
    methods.join() === 'publickey',
  );
}
