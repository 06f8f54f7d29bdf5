import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteError } from '../../remote/error.ts';
import type { Session } from '../../remote/ssh/session.ts';
import type { Vantage } from '../../remote/vantage.ts';
import { Commit } from '../../transaction/commit.ts';
import type { Operation } from '../../transaction/facts/facts.ts';
import { type Armed, rollBack } from '../../transaction/rollback.ts';

/** A session whose host answers each program by the last of its words, or not at all. */
function sessionThat(answer: (argv: readonly string[]) => string | undefined): Session {
  return {
    alive: true,
    run: async ({ argv = ['facts'] }: { argv?: readonly string[] }) => {
      const stdout = answer(argv);
      if (stdout === undefined)
        throw new RemoteError('closed', 'the connection ended before the program did.');
      return { code: 0, signal: null, stdout, stderr: '' };
    },
    close: async () => {},
  } as unknown as Session;
}

const gone = () => sessionThat(() => undefined);

/** A change of a host that answers nobody from here on, but for `session`. */
function armed(operation: Operation, commit: Commit, session: Session = gone()): Armed {
  const posture = { verify: { rollbackSeconds: 30 }, ssh: { port: 22 }, admin: { user: 'ops' } };
  const first = { address: '192.0.2.1', port: 22, user: 'root', hostKeys: [] };
  const sealed = { posture, sequences: { open: [], close: null }, hostKeys: [], verifiedV6: false };
  const vantage = { resolve: async () => Promise.reject(new Error('no route')) };
  return {
    job: { ...sealed, initialAccess: first, identity: undefined, previous: sealed },
    plan: { id: 'one', operation, posture },
    login: { session, route: { name: 'x', shortLived: true, target: { ...first, sudo: false } } },
    backup: { standing: undefined },
    vantage: vantage as unknown as Vantage,
    commit,
  } as unknown as Armed;
}

/** One that was sent over a session whose host answers the commit, or does not. */
async function sent(acknowledges: boolean): Promise<Commit> {
  const commit = new Commit();
  const session = sessionThat((argv) => (argv[2] === 'commit' && !acknowledges ? undefined : 'committed'));
  await commit.send(session, 'one').catch(() => {});
  return commit;
}

const failure = new Error('the step "seal" failed');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function outcomeOf(change: Armed) {
  const taken = rollBack(failure, change, () => {});
  await vi.advanceTimersByTimeAsync(200_000);
  return taken;
}

describe.each(['harden', 'restore'] as const)('a change (%s) that failed here', (operation) => {
  it('is kept when the host acknowledged the commit, whatever the network does afterwards', async () => {
    const { outcome, error } = await rollBack(failure, armed(operation, await sent(true)), () => {});
    expect(outcome).toBe('kept');
    expect(error.message).toContain('had already committed the change and keeps it');
    expect(error.message).not.toContain('undoes');
  });

  it('is in doubt when its commit was sent and nothing was heard since', async () => {
    const { outcome, error } = await outcomeOf(armed(operation, await sent(false)));
    expect(outcome).toBe('in doubt');
    expect(error.message).toMatch(
      /Either it keeps the change, and .*; or it rolls back by itself 30 s after/,
    );
    expect(error.unsettled).toBe(true);
  });

  it('is rolled back by the host itself when the host refused the commit', async () => {
    const commit = new Commit();
    const refusing = { code: 1, signal: null, stdout: '', stderr: 'that is not the nonce of this change\n' };
    const said = { code: 0, signal: null, stdout: 'nonce', stderr: '' };
    const run = async ({ argv = [] }: { argv?: readonly string[] }) =>
      argv[2] === 'commit' ? refusing : said;
    const session = { alive: true, run, close: async () => {} } as unknown as Session;
    await expect(commit.send(session, 'one')).rejects.toThrow(
      'refused the step commit: that is not the nonce',
    );
    const { outcome, error } = await outcomeOf(armed(operation, commit));
    expect(outcome).toBe('unheard');
    expect(error.message).not.toContain('Either');
  });

  it('is in doubt when the commit failed otherwise: it may be written down', async () => {
    const commit = new Commit();
    const run = async ({ argv = [] }: { argv?: readonly string[] }) => ({
      code: argv[2] === 'commit' ? 74 : 0,
      signal: null,
      stdout: 'nonce',
      stderr: '',
    });
    const session = { alive: true, run, close: async () => {} } as unknown as Session;
    await expect(commit.send(session, 'one')).rejects.toThrow('could not run the step commit');
    expect((await outcomeOf(armed(operation, commit))).outcome).toBe('in doubt');
  });

  it('is rolled back by the host itself when no commit was sent', async () => {
    const { outcome, error } = await outcomeOf(armed(operation, new Commit()));
    expect(outcome).toBe('unheard');
    expect(error.message).toContain('it rolls the change back by itself 30 s after');
    expect(error.unsettled).toBe(true);
  });

  it.each([
    ['undone', 'rolled back'],
    ['committed', 'kept'],
    ['sealed', 'kept'],
  ])('whose host says %s is %s', async (phase, outcome) => {
    const facts = `record_id=one\nrecord_phase=${phase}\nrecord_operation=${operation}\nboot=x\n`;
    const session = sessionThat(() => facts);
    expect((await outcomeOf(armed(operation, await sent(false), session))).outcome).toBe(outcome);
  });
});

it('a restored host has no record any more', async () => {
  const session = sessionThat(() => 'os=debian\n');
  expect((await outcomeOf(armed('restore', await sent(false), session))).outcome).toBe('kept');
});
