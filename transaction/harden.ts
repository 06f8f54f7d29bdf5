import { asksForCode } from '../posture/sshd/second-factor.ts';
import { changeKey, withFileLock, withFileLocks } from '../remote/file-lock.ts';
import { withVantage } from '../remote/vantage/choose.ts';
import type { Vantage } from '../remote/vantage.ts';
import { readFacts, step } from './agent.ts';
import { armRollback, connect, planOf } from './arm-rollback.ts';
import { Backup } from './backup.ts';
import { exemptAddresses } from './ban-exemption.ts';
import { proveCandidate } from './candidate.ts';
import { Commit } from './commit.ts';
import { type Login, loginRoutes } from './connect.ts';
import { refuseUnknownChange } from './drift/unknown-change.ts';
import { CommittedUnsealedError, inStep, listed, StepError, TransactionError } from './error.ts';
import type { Facts } from './facts/facts.ts';
import { withHeartbeat } from './heartbeat.ts';
import { hearsV6, type Ipv6, ipv6Of } from './ipv6.ts';
import type { Job, Recordable, Report } from './job.ts';
import { PACKAGES_SECONDS } from './plan.ts';
import { accountWarnings } from './preflight/account-problems.ts';
import { foreignAccount } from './preflight/admin-account.ts';
import { clockProblems, unsynchronizedClock } from './preflight/clock.ts';
import { unknownNatRedirects } from './preflight/nat-redirects.ts';
import { ownerWarnings } from './preflight/owner-warnings.ts';
import { packageConflicts } from './preflight/package-conflicts.ts';
import { preflight } from './preflight/preflight.ts';
import { sshdWarnings } from './preflight/sshd-problems.ts';
import { untestedSystem } from './preflight/system-problems.ts';
import { type Proof, proveFromOutside, seal } from './proof.ts';
import { type Armed, rollBack } from './rollback.ts';
import type { Sealed } from './sealed.ts';
import { endingSessions } from './sessions.ts';
import { stepTimeout } from './time-limits.ts';
import { doorKeys, slownessOf, viewsOf } from './views.ts';

/** What a committed change lacks whose end nobody saw. */
const UNSEEN_END = 'that the backup door is closed again is not verified: the end of the change was not seen';

/**
 * Takes a host to its posture, or leaves it as it was: the transaction. Nothing on the host is changed before its rollback
 * is armed; nothing stays unless somebody came in through the new door, from outside, and said so.
 *
 * @param warn told what should be seen after the change, too; as `report` by default.
 * @param recordable asked before the change is armed and before it is committed.
 * @throws TransactionError that says what failed, what was seen, what the host is doing now and what to do next.
 */
export async function harden(
  job: Job,
  report: Report,
  signal?: AbortSignal,
  warn: Report = report,
  recordable: Recordable = async () => {},
): Promise<Sealed> {
  return withVantage(job.initialAccess.jump, (vantage) =>
    withFileLock(
      changeKey(job.initialAccess.address),
      () => hardenFrom(vantage, job, report, warn, recordable, signal),
      'change',
    ),
  );
}

async function hardenFrom(
  vantage: Vantage,
  job: Job,
  report: Report,
  warn: Report,
  recordable: Recordable,
  signal?: AbortSignal,
): Promise<Sealed> {
  const login = await connect(loginRoutes(job), vantage, report, signal);
  try {
    const facts = await look(login, job, vantage, report);
    for (const words of [untestedSystem(job.posture), unsynchronizedClock(job.posture, facts)])
      if (words !== undefined) warn(words);
    const plan = planOf(job, facts, login, await exemptAddresses(job, facts, vantage));
    for (const words of listed([
      ...unknownNatRedirects(facts, job.posture),
      ...sshdWarnings(facts, job.posture),
      ...endingSessions(facts, job.posture),
      ...accountWarnings(facts, job.posture, job.initialAccess.user),
      ...ownerWarnings(facts, job.posture, job.initialAccess.user),
    ]))
      warn(words);
    const v6 = await ipv6Of(job, facts, vantage, login.route);
    if (v6.gap !== undefined) warn(v6.gap);
    await recordable(plan.id);
    await armRollback(login, plan, report);
    const backup = new Backup(job, plan, login, vantage);
    const armed = { job, plan, login, vantage, backup, commit: new Commit() };
    return await withHeartbeat(
      () => backup.standing ?? (login.session.alive ? login.session : undefined),
      plan,
      () => change(armed, v6, report, warn, recordable, signal),
    );
  } finally {
    await login.session.close();
  }
}

async function look(login: Login, job: Job, vantage: Vantage, report: Report): Promise<Facts> {
  report('gathering facts');
  const facts = await inStep('look', () => readFacts(login.session));
  refuseUnknownChange(facts.sealedBy, job);
  const blind = await vantage.problem();
  const displaced = await inStep('look', () => packageConflicts(login.session, facts, job.posture));
  const account = await inStep('look', () => foreignAccount(login.session, facts, job));
  const clock = await inStep('look', () => clockProblems(login.session, job.posture));
  const problems = [
    ...preflight(facts, job.posture),
    ...account,
    ...displaced,
    ...clock,
    ...(blind === undefined ? [] : [blind]),
  ];
  if (problems.length === 0) return facts;
  throw new TransactionError(
    `The host is not fit for this change:\n${listed(problems)
      .map((problem) => `  - ${problem}`)
      .join('\n')}`,
    'was only looked at; nothing was written.',
    'settle these points and run `pulumi up` again.',
  );
}

async function change(
  armed: Armed,
  { verified: v6, gap }: Ipv6,
  report: Report,
  warn: Report,
  recordable: Recordable,
  signal?: AbortSignal,
): Promise<Sealed> {
  const { job, plan, login, backup, vantage, commit } = armed;
  let proof: Proof | undefined;
  let proven: Omit<Sealed, 'sealedAt'> | undefined;
  try {
    signal?.throwIfAborted();
    if (!v6 && job.posture.verify.ipv6 === 'require')
      throw new StepError('look', `IPv6 does not reach the host from ${vantage.name}`);
    report(
      'installing packages; opening the backup door; trying the new sshd configuration with a real login',
    );
    const packages = inStep('packages', () =>
      step(login.session, 'packages', plan.id, { timeoutSeconds: PACKAGES_SECONDS + 120, signal }),
    );
    const [hostKeys] = await together([proveWayIn(armed, packages, report, signal), packages]);
    report('switching sshd, firewall and knock daemon');
    const begun = performance.now();
    await inStep('switch', () =>
      step(backup.session, 'switch', plan.id, { timeoutSeconds: stepTimeout(job.posture), signal }),
    );
    const slowness = slownessOf((performance.now() - begun) / 1000);
    const { engine } = job.posture.knock;
    const deaf = v6 && !hearsV6(plan.facts, job.posture) ? `, where its ${engine} hears nothing: shut` : '';
    report(`verifying from outside, over ${v6 ? `IPv4 and IPv6${deaf}` : 'IPv4'}`);
    const views = await viewsOf(job, plan, vantage, v6, backup.roundTrip, slowness);
    const prove = async () => {
      const door = await inStep('verify', () => proveFromOutside(job, plan, views, hostKeys, backup));
      proof = door;
      await inStep('commit', () => recordable(plan.id));
      signal?.throwIfAborted();
      proven = {
        ...{ change: plan.id, hostKeys, verifiedV6: v6, evidence: door.evidence },
        unverified: gap === undefined ? [] : [gap],
      };
      report('committing through the knocked door');
      await inStep('commit', () => commit.send(door.session, plan.id));
      report('sealing: the backup door is closed');
      const sealed = await inStep('seal', () => seal(door, plan, views, backup.port));
      for (const words of sealed.unverified) warn(words);
      return {
        ...{ ...proven, sealedAt: sealed.sealedAt, evidence: [...door.evidence, ...sealed.evidence] },
        unverified: [...proven.unverified, ...sealed.unverified],
      };
    };
    // Other tools of this machine knock and measure before or afterwards.
    return await withFileLocks(doorKeys(vantage, views), prove, 'proof');
  } catch (error) {
    const { error: failure, outcome } = await rollBack(
      error,
      { ...armed, hostKeys: proven?.hostKeys },
      report,
    );
    // In doubt, a host that had no state may be behind its door: what opens it is remembered.
    const remembered = outcome === 'kept' || (outcome === 'in doubt' && job.previous === undefined);
    if (!remembered || proven === undefined) throw failure;
    const unverified = [...proven.unverified, UNSEEN_END];
    throw new CommittedUnsealedError(failure, { ...proven, unverified, sealedAt: new Date().toISOString() });
  } finally {
    await Promise.all([backup.close(), proof?.session.close()]);
  }
}

/** The backup door first, then, through it, the candidate: from here on the front door may fail. */
async function proveWayIn(
  { job, plan, backup }: Armed,
  packages: Promise<unknown>,
  report: Report,
  signal?: AbortSignal,
): Promise<string[]> {
  const tools = plan.facts.raw.get('tool') ?? [];
  // SELinux lets sshd listen on another port only when a program that comes with the packages told it so, and nothing
  // but a rule keeps others than the deployer from the backup port.
  const ruled = tools.includes('nft') || tools.includes('iptables-save');
  if (plan.facts.raw.has('selinux') || !ruled) await packages;
  await inStep('backup door', () => backup.open(report, signal));
  // The administrator's login is proven with sudo, which a minimal image gets by the packages, and with the code that a
  // module of theirs checks.
  if (!tools.includes('sudo') || asksForCode(job.posture)) await packages;
  return inStep('candidate sshd', () => proveCandidate(job, plan, backup, signal));
}

/** All at once, and none left running when another fails: the rollback must not race with a step. */
async function together<T extends readonly unknown[]>(steps: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(steps);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Promise.all(steps) as unknown as Promise<T>;
}
