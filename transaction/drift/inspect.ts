import { excerpt } from '../../remote/sanitise.ts';
import { expectSuccess } from '../../remote/ssh/result.ts';
import { withVantage } from '../../remote/vantage/choose.ts';
import type { Vantage } from '../../remote/vantage.ts';
import { readSealedBy } from '../agent.ts';
import { logIn, provenRoutes } from '../connect.ts';
import type { Job, Previous, Report } from '../job.ts';
import { SLOW_SECONDS } from '../time-limits.ts';
import { otherChange, readableDrift } from './drift.ts';
import { sshdDrift } from './sshd-drift.ts';
import { isUnknownChange, type SealedBy } from './unknown-change.ts';

/**
 * Goes in through the door and compares the host with what it was when it was sealed. A change that somebody else sealed
 * since then is a difference, too, whatever it brought: the host compares itself with that one.
 *
 * @param onOther told of that change.
 * @returns one line for each difference, `-` as sealed and `+` as found; empty when there is none.
 */
export async function inspect(
  job: Job,
  previous: Previous,
  report: Report,
  onOther?: (change: SealedBy) => void,
): Promise<string[]> {
  return withVantage(job.initialAccess.jump, (vantage) =>
    inspectFrom(vantage, job, previous, report, onOther),
  );
}

async function inspectFrom(
  vantage: Vantage,
  job: Job,
  previous: Previous,
  report: Report,
  onOther: ((change: SealedBy) => void) | undefined,
): Promise<string[]> {
  report('checking for drift');
  const { session, route } = await logIn(provenRoutes({ ...job, previous }), vantage, report);
  try {
    // Put back to a fresh image, for one: not sealed any more, so there is nothing to compare.
    if (route.open === undefined) return ['- sealed behind its door', `+ open to ${route.name}`];
    const argv = ['sh', '/var/lib/postern/agent/agent.sh', 'inspect', 'sealed'];
    const answer = expectSuccess(
      await session.run({ argv, timeoutSeconds: SLOW_SECONDS, maxOutputBytes: 1024 * 1024 }),
      'compare the host with its sealed state',
    );
    const found = await readSealedBy(session);
    // Shown before, it is shown again until a change has brought something else.
    const other = isUnknownChange(found, { previous: { ...previous, acknowledged: undefined } });
    if (other) onOther?.(found);
    return [
      ...(other ? otherChange(previous.sealedAt, found) : []),
      ...differences(answer),
      ...(await sshdDrift(session, previous.posture)),
    ];
  } finally {
    await session.close();
  }
}

/** Lines of drift that are told and remembered, and those that are compared with each other for it. */
const DIFFERENCES = 100;
const COMPARED = 1000;

/** What the host says differs, a line each; the engine keeps it in its state and shows it in previews. */
export function differences(answer: string): string[] {
  const all = answer.split('\n').filter(Boolean);
  const readable = readableDrift(all.slice(0, COMPARED));
  const told = readable.slice(0, DIFFERENCES).map((line) => excerpt(line, 400));
  const more = readable.length - told.length + Math.max(0, all.length - COMPARED);
  return more === 0 ? told : [...told, `+ and ${more} differences more`];
}
