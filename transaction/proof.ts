import { setTimeout as sleep } from 'node:timers/promises';
import { sameSequence } from '../posture/knock/sequence.ts';
import { excerpt } from '../remote/sanitise.ts';
import { packetsOf } from '../remote/spa.ts';
import type { Session } from '../remote/ssh/session.ts';
import { step } from './agent.ts';
import type { Backup } from './backup.ts';
import { frontDoorRoute } from './connect.ts';
import type { Job } from './job.ts';
import type { Plan } from './plan.ts';
import { openSessions, sessionEvidence } from './sessions.ts';
import { knock } from './verify/door.ts';
import { DoorTimeout } from './verify/door-timeout.ts';
import { type Evidence, EvidenceLog, ProofError } from './verify/evidence.ts';
import { verifyOutside } from './verify/outside.ts';
import { expectSilence, silentPorts } from './verify/silent-ports.ts';
import type { View } from './verify/view.ts';
import type { Views } from './views.ts';

/** The new door was proven; its session is what commits. The caller closes it. */
export interface Proof {
  readonly evidence: readonly Evidence[];
  readonly session: Session;
}

/** How often the proof is begun at most: once, and again where another knock may have come between. */
const PROOFS = 3;

/**
 * Looks at the host from outside, over every family at once, and comes in through the new door. Where somebody else who
 * knocks from the same address, on a machine that takes no turns with this one, may have spoilt it, all of it is done
 * once more; what was seen stays in the evidence. What is wrong by itself is seen again.
 */
export async function proveFromOutside(
  job: Job,
  plan: Plan,
  views: Views,
  hostKeys: readonly string[],
  backup: Backup,
): Promise<Proof> {
  const spoilt: Evidence[] = [];
  for (let proofs = 1; ; proofs++) {
    try {
      const proof = await proveOnce(job, plan, views, hostKeys, backup);
      return { ...proof, evidence: [...spoilt, ...proof.evidence] };
    } catch (error) {
      if (proofs === PROOFS || !(error instanceof ProofError) || !error.disturbable) throw error;
      const { evidence } = error;
      spoilt.push({ ...evidence, check: `${evidence.check}, attempt ${proofs} of the proof` });
      await shutForAll(job, plan, views, backup);
    }
  }
}

/** The door is shut for whoever opened it, and nobody who is about to knock is met at once. */
async function shutForAll(job: Job, plan: Plan, views: Views, backup: Backup): Promise<void> {
  const { close } = job.sequences;
  const hearing = [views.main, ...views.others].filter(({ hears }) => hears);
  const families = hearing.map(({ family }) => String(family));
  await step(backup.session, 'set-door-timeout', plan.id, { args: ['configured', ...families] });
  await step(backup.session, 'flush-door', plan.id, { args: families });
  // A held door is a rule, which only its closing sequence takes away.
  if (job.posture.knock.door === 'held' && close !== null)
    for (const view of hearing) await knock(view, await packetsOf(close));
  await sleep(1000 + 2000 * Math.random());
}

async function proveOnce(
  job: Job,
  plan: Plan,
  views: Views,
  hostKeys: readonly string[],
  backup: Backup,
): Promise<Proof> {
  const { target } = frontDoorRoute(job, job, hostKeys);
  const all = [views.main, ...views.others];
  const hearing = all.filter(({ hears }) => hears).length;
  const timed = job.posture.knock.door === 'timed';
  const timer = timed ? new DoorTimeout(backup.session, plan, hearing) : undefined;
  const look = async (view: View) => {
    try {
      return await verifyOutside(view, {
        target: { ...target, address: view.address },
        stay: view === views.main,
        source: view.source,
        replaced: replacedSequence(job),
        timer,
      });
    } finally {
      if (view.hears) timer?.leave();
    }
  };
  const results = await Promise.allSettled(all.map(look));
  const failed = results.find((result) => result.status === 'rejected');
  const seen = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const session = seen.find((outside) => outside.session !== undefined)?.session;
  if (failed !== undefined || session === undefined) {
    await session?.close();
    throw failed?.reason ?? new Error('nobody logged in through the front door');
  }
  return { evidence: seen.flatMap((outside) => outside.evidence), session };
}

/**
 * Closes the backup door, which is the last to go, and looks once more. Sessions that nobody could begin any more end with
 * it; what is not known of those that stay is in `unverified`.
 */
export async function seal(
  { session }: Proof,
  plan: Plan,
  views: Views,
  backupPort: number,
): Promise<{ sealedAt: string; evidence: Evidence[]; unverified: string[] }> {
  let looking: Promise<Evidence[]> | undefined;
  const onLine = (line: string) => {
    if (line !== 'closed') return;
    looking = lookOnceMore(views, backupPort);
    // What it saw counts only where the host could be sealed.
    looking.catch(() => {});
  };
  const answer = await step(session, 'seal', plan.id, { onLine });
  // A host whose deployer was slow has sealed itself, and says only when.
  const evidence = await (looking ?? lookOnceMore(views, backupPort));
  const sealedAt = answer.split('\n').at(-1) ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(sealedAt))
    throw new Error(`the host does not say when it was sealed, but: ${excerpt(sealedAt, 100)}`);
  const sessions = sessionEvidence(answer);
  // What was seen from outside is the last word.
  return { sealedAt, evidence: [...sessions, ...evidence], unverified: openSessions(sessions) };
}

/** Every port that was silent before the knock is so again, and the backup port with them. */
async function lookOnceMore(views: Views, backupPort: number): Promise<Evidence[]> {
  const evidence = await Promise.all(
    [views.main, ...views.others].map(async (view) => {
      const log = new EvidenceLog(view.family);
      const ports = [...new Set([...silentPorts(view), view.posture.backup.port, backupPort])];
      const look = () => expectSilence(view, log, ports, 'after sealing');
      await look().catch(async (error: unknown) => {
        const { door, openSeconds } = view.posture.knock;
        if (!(error instanceof ProofError) || !error.disturbable || door !== 'timed') throw error;
        // The owner may have knocked again already, and be at work: looked at again when that is over.
        await sleep(openSeconds * 1000 + 1000);
        await look();
      });
      return log.evidence;
    }),
  );
  return evidence.flat();
}

/** The opening sequence that this change replaces, if it replaces one. */
function replacedSequence({ previous, sequences }: Job) {
  if (previous === undefined || sameSequence(previous.sequences.open, sequences.open)) return undefined;
  return previous.sequences.open;
}
