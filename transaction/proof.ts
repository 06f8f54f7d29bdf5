import { sameSequence } from '../posture/knock/sequence.ts';
import type { Session } from '../remote/ssh/session.ts';
import { step } from './agent.ts';
import type { Backup } from './backup.ts';
import { frontDoor } from './enter.ts';
import type { Job } from './job.ts';
import type { Plan } from './plan.ts';
import { expectSilence, silentPorts } from './verify/closed.ts';
import { type Evidence, Witness } from './verify/evidence.ts';
import { type DoorTimer, SHORT_SECONDS, verifyOutside } from './verify/outside.ts';
import type { View } from './verify/view.ts';
import type { Views } from './views.ts';

/** The new door was proven; its session is what commits. The caller closes it. */
export interface Proof {
  readonly evidence: readonly Evidence[];
  readonly session: Session;
}

/** Looks at the host from outside, over every family at once, and comes in through the new door. */
export async function proveFromOutside(
  job: Job,
  plan: Plan,
  views: Views,
  hostKeys: readonly string[],
  backup: Backup,
): Promise<Proof> {
  const { way } = frontDoor(job, job, hostKeys);
  const look = async (view: View, stay: boolean) => {
    const timed = job.posture.knock.door === 'timed';
    return verifyOutside(view, {
      way: { ...way, address: view.address },
      stay,
      source: view.source,
      replaced: replacedSequence(job),
      knockers: async () => (await step(backup.session, 'knockers', plan.id)).split('\n').filter(Boolean),
      timer: timed ? doorTimer(backup, plan, view) : undefined,
    });
  };
  const all = [views.main, ...views.others];
  const results = await Promise.allSettled(all.map((view) => look(view, view === views.main)));
  const failed = results.find((result) => result.status === 'rejected');
  const seen = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const session = seen.find((outside) => outside.session !== undefined)?.session;
  if (failed !== undefined || session === undefined) {
    await session?.close();
    throw failed?.reason ?? new Error('nobody came in through the front door');
  }
  return { evidence: seen.flatMap((outside) => outside.evidence), session };
}

/** The proof of having come in, handed back: from here on the host keeps the change. */
export async function commit({ session }: Proof, plan: Plan): Promise<void> {
  const nonce = await step(session, 'nonce', plan.id);
  await step(session, 'commit', plan.id, { stdin: `${nonce}\n` });
}

/** Closes the backup door, which is the last to go, and looks once more. */
export async function seal(
  { session }: Proof,
  plan: Plan,
  views: Views,
): Promise<{ sealedAt: string; evidence: Evidence[] }> {
  const sealedAt = await step(session, 'seal', plan.id);
  const evidence = await Promise.all(
    [views.main, ...views.others].map(async (view) => {
      const witness = new Witness(view.family);
      await expectSilence(view, witness, [...silentPorts(view), view.posture.backup.port], 'after sealing');
      return witness.evidence;
    }),
  );
  return { sealedAt, evidence: evidence.flat() };
}

function doorTimer(backup: Backup, plan: Plan, { family }: View): DoorTimer {
  const ask = async (verb: string, ...args: string[]) => {
    await step(backup.session, verb, plan.id, { args });
  };
  return {
    shorten: () => ask('door-seconds', String(SHORT_SECONDS), String(family)),
    restore: () => ask('door-seconds', 'configured', String(family)),
    forget: () => ask('forget-knockers', String(family)),
  };
}

/** The opening sequence that this change replaces, if it replaces one. */
function replacedSequence({ previous, sequences }: Job) {
  if (previous === undefined || sameSequence(previous.sequences.open, sequences.open)) return undefined;
  return previous.sequences.open;
}
